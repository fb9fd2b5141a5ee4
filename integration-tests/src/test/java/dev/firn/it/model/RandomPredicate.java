package dev.firn.it.model;

import dev.firn.testing.TruthFilter;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.iceberg.Schema;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;

/**
 * Random filters, each with its truth for a row of values by field id: whole numbers as long,
 * floating ones as double, NaN above all others.
 */
final class RandomPredicate {
  private RandomPredicate() {}

  static TruthFilter<Map<Integer, @Nullable Object>> of(Random random, Schema schema, int depth) {
    List<Types.NestedField> columns = schema.columns();
    return TruthFilter.of(
        random, depth, () -> simple(random, columns.get(random.nextInt(columns.size()))));
  }

  private static TruthFilter<Map<Integer, @Nullable Object>> simple(
      Random random, Types.NestedField field) {
    String name = field.name();
    int id = field.fieldId();
    Object value = literal(random, field.type());
    Object other = literal(random, field.type());
    TruthFilter.Column<Map<Integer, @Nullable Object>> column =
        new TruthFilter.Column<>(name, row -> row.get(id), RandomPredicate::order);
    boolean floating = value instanceof Double;
    int more = value instanceof String || floating ? 2 : 0;
    int kind = random.nextInt(TruthFilter.KINDS + more);
    if (kind < TruthFilter.KINDS) {
      return column.predicate(kind, value, other);
    }
    boolean positive = kind == TruthFilter.KINDS;
    if (floating) {
      return positive
          ? column.known(Expressions.isNaN(name), v -> ((Double) v).isNaN())
          : column.known(Expressions.notNaN(name), v -> !((Double) v).isNaN());
    }
    String start = (String) value;
    return positive
        ? column.known(Expressions.startsWith(name, start), v -> ((String) v).startsWith(start))
        : column.known(
            Expressions.notStartsWith(name, start), v -> !((String) v).startsWith(start));
  }

  private static Object literal(Random random, Type type) {
    return switch (type.typeId()) {
      case INTEGER -> (long) random.nextInt(5);
      case LONG -> random.nextInt(5) == 0 ? 5_000_000_000L : (long) random.nextInt(60);
      case FLOAT, DOUBLE -> (double) random.nextInt(4);
      default -> List.of("a", "ab", "b", "c").get(random.nextInt(4));
    };
  }

  private static int order(Object left, Object right) {
    if (left instanceof Double a) {
      return a.compareTo((Double) right);
    }
    return left instanceof Long a
        ? a.compareTo((Long) right)
        : ((String) left).compareTo((String) right);
  }
}
