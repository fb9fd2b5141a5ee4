package dev.firn.scan;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import org.apache.iceberg.MetadataColumns;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.exceptions.ValidationException;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.ExpressionVisitors;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.expressions.Literal;
import org.apache.iceberg.expressions.NamedReference;
import org.apache.iceberg.expressions.UnboundPredicate;
import org.apache.iceberg.expressions.UnboundTerm;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Type.TypeID;
import org.apache.iceberg.types.Types.DecimalType;
import org.apache.iceberg.types.Types.NestedField;

/** A filter, checked against the schema that a scan reads in. Immutable. */
final class ScanFilter {
  private final Expression positive;
  private final Map<String, NestedField> fields;

  private ScanFilter(Expression positive, Map<String, NestedField> fields) {
    this.positive = positive;
    this.fields = fields;
  }

  /** Checks that every column exists and every literal converts to its column's type. */
  static ScanFilter of(Table table, Schema schema, Expression filter) {
    Columns columns = new Columns(table, schema);
    Map<String, NestedField> fields = new LinkedHashMap<>();
    for (String name : references(filter)) {
      fields.put(name, columns.resolve("filter on", name));
    }
    Set<NestedField> metadata =
        fields.values().stream()
            .filter(f -> MetadataColumns.isMetadataColumn(f.fieldId()))
            .collect(Collectors.toSet());
    try {
      RowFilter.bind(columns.with(metadata).asStruct(), filter);
    } catch (ValidationException | IllegalArgumentException | UnsupportedOperationException e) {
      throw new FirnException(
          ErrorKind.INVALID,
          "Cannot filter on " + filter + ": " + e.getMessage() + " [table " + table.name() + "]",
          e);
    }
    return new ScanFilter(Expressions.rewriteNot(filter), fields);
  }

  /** Returns the fields that the filter refers to. */
  Iterable<NestedField> fields() {
    return fields.values();
  }

  /** Returns the filter, with negation pushed down. */
  Expression expression() {
    return positive;
  }

  /**
   * Returns a filter in the names of another schema of the table that is true wherever this one is:
   * every predicate that planning cannot be asked there is taken as true.
   */
  Expression weakened(Schema planned, Collection<PartitionSpec> specs) {
    return ExpressionVisitors.visit(
        positive,
        new RebuildingVisitor() {
          @Override
          public <T> Expression predicate(UnboundPredicate<T> predicate) {
            return translated(
                predicate,
                planned,
                (there, type) ->
                    Prunable.of(there, type, isPartitionedAsItIs(specs, planned, there)),
                Expressions.alwaysTrue());
          }
        });
  }

  private static boolean isPartitionedAsItIs(
      Collection<PartitionSpec> specs, Schema planned, UnboundPredicate<?> predicate) {
    int column = planned.findField(predicate.ref().name()).fieldId();
    return specs.stream()
        .flatMap(spec -> spec.fields().stream())
        .anyMatch(field -> field.sourceId() == column && field.transform().isIdentity());
  }

  /**
   * What {@code then} makes of the predicate in the names of another schema, and of its type here;
   * {@code otherwise} where it means nothing there.
   */
  <T> Expression translated(
      UnboundPredicate<T> predicate,
      Schema planned,
      BiFunction<UnboundPredicate<T>, Type, Expression> then,
      Expression otherwise) {
    NestedField field = fields.get(predicate.ref().name());
    if (field == null || MetadataColumns.isMetadataColumn(field.fieldId())) {
      return otherwise;
    }
    NestedField there = planned.findField(field.fieldId());
    if (there == null || !comparesAlike(field.type(), there.type())) {
      return otherwise;
    }
    boolean nested = planned.asStruct().field(field.fieldId()) == null;
    if (nested && predicate.op() == Expression.Operation.IS_NULL) {
      // Iceberg's writers do not count the nulls of what is inside a null struct, but for Parquet.
      return otherwise;
    }
    String name = planned.findColumnName(field.fieldId());
    if (name.equals(predicate.ref().name())) {
      return then.apply(predicate, field.type());
    }
    return predicate.term() instanceof NamedReference
        ? then.apply(renamed(predicate, name), field.type())
        : otherwise;
  }

  /** Whether a literal means the same in both, or nothing in the narrower. */
  private static boolean comparesAlike(Type read, Type planned) {
    if (read.equals(planned)) {
      return true;
    }
    boolean integers =
        (read.typeId() == TypeID.LONG && planned.typeId() == TypeID.INTEGER)
            || (read.typeId() == TypeID.INTEGER && planned.typeId() == TypeID.LONG);
    return integers
        || (read instanceof DecimalType wide
            && planned instanceof DecimalType narrow
            && wide.scale() == narrow.scale());
  }

  private static <T> UnboundPredicate<T> renamed(UnboundPredicate<T> predicate, String name) {
    UnboundTerm<T> term = Expressions.ref(name);
    if (predicate.literals() == null || predicate.literals().isEmpty()) {
      return Expressions.predicate(predicate.op(), term);
    }
    List<T> values = predicate.literals().stream().map(Literal::value).toList();
    return Expressions.predicate(predicate.op(), term, values);
  }

  private static Set<String> references(Expression filter) {
    Set<String> names = new LinkedHashSet<>();
    ExpressionVisitors.visit(
        Expressions.rewriteNot(filter),
        new RebuildingVisitor() {
          @Override
          public <T> Expression predicate(UnboundPredicate<T> predicate) {
            names.add(predicate.ref().name());
            return predicate;
          }
        });
    return names;
  }
}
