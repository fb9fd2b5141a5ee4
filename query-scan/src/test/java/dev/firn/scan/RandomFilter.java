package dev.firn.scan;

import dev.firn.testing.TruthFilter;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.apache.iceberg.Schema;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;

/** Random filters on the columns of a flat schema, each with its truth for values by field id. */
final class RandomFilter {
  static final TruthFilter<Map<Integer, Object>> ALL = TruthFilter.all();

  private static final double[] DOUBLES = {
    -0.0, 0.0, 1, 2, -1, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY
  };

  private RandomFilter() {}

  static TruthFilter<Map<Integer, Object>> of(Random random, Schema schema, int depth) {
    List<Types.NestedField> columns = schema.columns();
    return TruthFilter.of(
        random, depth, () -> predicate(random, columns.get(random.nextInt(columns.size()))));
  }

  private static TruthFilter<Map<Integer, Object>> predicate(
      Random random, Types.NestedField field) {
    String name = field.name();
    int id = field.fieldId();
    Object value = literal(random, field.type());
    Object other = literal(random, field.type());
    TruthFilter.Column<Map<Integer, Object>> column =
        new TruthFilter.Column<>(name, row -> row.get(id), RandomFilter::order);
    if (isFloating(field.type()) && random.nextInt(5) == 0) {
      return random.nextBoolean()
          ? column.known(Expressions.isNaN(name), v -> Double.isNaN(((Number) v).doubleValue()))
          : column.known(Expressions.notNaN(name), v -> !Double.isNaN(((Number) v).doubleValue()));
    }
    boolean text = field.type().typeId() == Type.TypeID.STRING;
    int kind = random.nextInt(TruthFilter.KINDS + (text ? 2 : 0));
    return switch (kind - TruthFilter.KINDS) {
      case 0 ->
          column.known(
              Expressions.startsWith(name, value.toString()),
              v -> v.toString().startsWith(value.toString()));
      case 1 ->
          column.known(
              Expressions.notStartsWith(name, value.toString()),
              v -> !v.toString().startsWith(value.toString()));
      default -> column.predicate(kind, value, other);
    };
  }

  private static boolean isFloating(Type type) {
    return type.typeId() == Type.TypeID.DOUBLE || type.typeId() == Type.TypeID.FLOAT;
  }

  private static Object literal(Random random, Type type) {
    return switch (type.typeId()) {
      case INTEGER -> random.nextInt(5);
      // Sometimes out of an int's range: every row below, or none.
      case LONG -> random.nextInt(4) == 0 ? 5_000_000_000L : (long) random.nextInt(8);
      case DOUBLE -> DOUBLES[random.nextInt(DOUBLES.length)];
      case FLOAT -> (float) DOUBLES[random.nextInt(DOUBLES.length)];
      default -> List.of("a", "ab", "b", "c").get(random.nextInt(4));
    };
  }

  private static int order(Object left, Object right) {
    if (left instanceof Number a && right instanceof Number b) {
      return Double.compare(a.doubleValue(), b.doubleValue());
    }
    String a = left.toString();
    String b = right.toString();
    int shared = Math.min(a.length(), b.length());
    return IntStream.range(0, shared)
        .map(i -> a.charAt(i) - b.charAt(i))
        .filter(d -> d != 0)
        .findFirst()
        .orElse(a.length() - b.length());
  }
}
