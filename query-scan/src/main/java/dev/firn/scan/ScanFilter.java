package dev.firn.scan;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.stream.Collectors;
import org.apache.iceberg.MetadataColumns;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.exceptions.ValidationException;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.ExpressionVisitors;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.expressions.UnboundPredicate;
import org.apache.iceberg.types.Type;
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
   * Returns a filter that is true wherever this one is and that refers only to fields that pass the
   * test: every other predicate is taken as true.
   */
  Expression weakened(IntPredicate fieldIds) {
    return ExpressionVisitors.visit(
        positive,
        new RebuildingVisitor() {
          @Override
          public <T> Expression predicate(UnboundPredicate<T> predicate) {
            NestedField field = fields.get(predicate.ref().name());
            return field != null && fieldIds.test(field.fieldId())
                ? prunable(predicate, field.type())
                : Expressions.alwaysTrue();
          }
        });
  }

  /**
   * What Iceberg 1.11.0's pruning can be asked. It fails on a null partition value where it looks
   * it up in a set of strings; its bounds leave out NaN, which is above every other value; and it
   * fails to look for what is not NaN in a file without the column.
   */
  private static <T> Expression prunable(UnboundPredicate<T> predicate, Type type) {
    return switch (predicate.op()) {
      case IN, NOT_IN -> Expressions.and(Expressions.notNull(predicate.term()), predicate);
      case GT, GT_EQ ->
          type.typeId() == Type.TypeID.FLOAT || type.typeId() == Type.TypeID.DOUBLE
              ? Expressions.or(predicate, Expressions.isNaN(predicate.term()))
              : predicate;
      case NOT_NAN -> Expressions.notNull(predicate.term());
      default -> predicate;
    };
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
