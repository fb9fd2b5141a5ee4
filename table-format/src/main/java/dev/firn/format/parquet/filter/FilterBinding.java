package dev.firn.format.parquet.filter;

import dev.firn.error.FirnException;
import dev.firn.format.arrow.ArrowSchemas;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.iceberg.Schema;
import org.apache.iceberg.expressions.BoundExtract;
import org.apache.iceberg.expressions.BoundPredicate;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.ExpressionVisitors;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.expressions.UnboundPredicate;
import org.apache.iceberg.types.Types.NestedField;
import org.jspecify.annotations.Nullable;

/** Binds an expression, negation pushed down, by name (case sensitive). Confined to one thread. */
abstract class FilterBinding<R> extends ExpressionVisitors.ExpressionVisitor<R> {
  private final Schema schema;

  FilterBinding(Schema schema) {
    this.schema = schema;
  }

  R bind(Expression filter) {
    return ExpressionVisitors.visit(Expressions.rewriteNot(filter), this);
  }

  abstract R bound(BoundPredicate<?> predicate);

  @Override
  public <T> R predicate(UnboundPredicate<T> predicate) {
    Expression result = predicate.bind(schema.asStruct(), true);
    boolean comparesValues = predicate.literals() != null && !predicate.literals().isEmpty();
    if (result.op() == Expression.Operation.TRUE && comparesValues) {
      // `int_column < 3e9` binds to true, yet is unknown for null.
      UnboundPredicate<T> notNull =
          Expressions.predicate(Expression.Operation.NOT_NULL, predicate.term());
      result = notNull.bind(schema.asStruct(), true);
    }
    return switch (result.op()) {
      case TRUE -> alwaysTrue();
      case FALSE -> alwaysFalse();
      default -> predicate((BoundPredicate<?>) result);
    };
  }

  @Override
  public <T> R predicate(BoundPredicate<T> predicate) {
    if (predicate.term() instanceof BoundExtract<?> extract) {
      throw FirnException.invalid(
          "Cannot filter by "
              + extract
              + ": values inside variants cannot be compared here, expected a"
              + " column");
    }
    return bound(predicate);
  }

  /** Leads from the top-level column to a field that no list or map lies around. */
  static List<NestedField> path(Schema schema, int fieldId) {
    List<NestedField> path = path(schema.columns(), fieldId);
    if (path == null) {
      throw FirnException.invalid(
          "Cannot filter by "
              + schema.findColumnName(fieldId)
              + ": a row has many values of it, expected a field outside lists and maps");
    }
    return path;
  }

  private static @Nullable List<NestedField> path(List<NestedField> fields, int fieldId) {
    for (NestedField field : fields) {
      List<NestedField> rest =
          field.fieldId() == fieldId
              ? List.of()
              : field.type().isStructType()
                  ? path(field.type().asStructType().fields(), fieldId)
                  : null;
      if (rest != null) {
        List<NestedField> path = new ArrayList<>(List.of(field));
        path.addAll(rest);
        return path;
      }
    }
    return null;
  }

  /** The same path among the Arrow fields of the schema. */
  static List<Field> arrowPath(Schema schema, List<NestedField> path) {
    List<Field> result = new ArrayList<>();
    List<Field> fields = ArrowSchemas.toArrow(schema).getFields();
    List<NestedField> siblings = schema.columns();
    for (NestedField step : path) {
      Field field = fields.get(siblings.indexOf(step));
      result.add(field);
      fields = field.getChildren();
      siblings = step.type().isStructType() ? step.type().asStructType().fields() : List.of();
    }
    return result;
  }
}
