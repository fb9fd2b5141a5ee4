package dev.firn.scan.plan;

import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.apache.iceberg.Schema;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expression.Operation;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types.NestedField;

/** Random filters that Iceberg's planning accepts. */
final class PlanFilters {
  private static final List<Operation> COMPARISONS =
      List.of(
          Operation.LT,
          Operation.LT_EQ,
          Operation.GT,
          Operation.GT_EQ,
          Operation.EQ,
          Operation.NOT_EQ);

  private final Random random;
  private final PlanFixtures values;

  PlanFilters(Random random, PlanFixtures values) {
    this.random = random;
    this.values = values;
  }

  Expression of(Schema schema, int depth) {
    if (depth == 0 || random.nextInt(3) == 0) {
      return predicate(schema);
    }
    Expression left = of(schema, depth - 1);
    Expression right = of(schema, depth - 1);
    return switch (random.nextInt(3)) {
      case 0 -> Expressions.and(left, right);
      case 1 -> Expressions.or(left, right);
      default -> Expressions.not(left);
    };
  }

  private Expression predicate(Schema schema) {
    List<NestedField> columns = schema.columns();
    NestedField field = columns.get(random.nextInt(columns.size()));
    String name = field.name();
    if (!field.type().isPrimitiveType()) {
      NestedField inner = field.type().asStructType().fields().get(0);
      return Expressions.greaterThan(name + "." + inner.name(), random.nextInt(5));
    }
    Type.TypeID type = field.type().typeId();
    if (type == Type.TypeID.UUID) {
      // Iceberg prunes by bounds that may be in another order than its own, and so do we not.
      return random.nextBoolean() ? Expressions.isNull(name) : Expressions.notNull(name);
    }
    boolean floating = type == Type.TypeID.FLOAT || type == Type.TypeID.DOUBLE;
    return switch (random.nextInt(14)) {
      case 0 -> Expressions.isNull(name);
      case 1 -> Expressions.notNull(name);
      case 2 -> floating ? Expressions.isNaN(name) : comparison(field);
      case 3 ->
          type == Type.TypeID.STRING
              ? Expressions.startsWith(name, literal(field).toString())
              : comparison(field);
      case 4 ->
          type == Type.TypeID.STRING
              ? Expressions.notStartsWith(name, literal(field).toString())
              : comparison(field);
      // Iceberg fails to look a null partition up in a set, see ScanFilter.
      case 5 ->
          Expressions.and(
              Expressions.notNull(name),
              Expressions.in(name, literal(field), literal(field), literal(field)));
      case 6 ->
          Expressions.and(
              Expressions.notNull(name), Expressions.notIn(name, literal(field), literal(field)));
      case 7 ->
          type == Type.TypeID.TIMESTAMP
              ? Expressions.lessThan(Expressions.day(name), 19_000 + random.nextInt(99))
              : comparison(field);
      case 8 ->
          type == Type.TypeID.LONG
              ? Expressions.equal(Expressions.bucket(name, 4), random.nextInt(4))
              : comparison(field);
      default -> comparison(field);
    };
  }

  private Expression comparison(NestedField field) {
    Operation operation = COMPARISONS.get(random.nextInt(COMPARISONS.size()));
    return Expressions.predicate(operation, field.name(), literal(field));
  }

  private Object literal(NestedField field) {
    Object value = values.value(field.type());
    return switch (field.type().typeId()) {
      case UUID -> (UUID) value;
      case DECIMAL -> (BigDecimal) value;
      case BINARY -> ((ByteBuffer) value).duplicate();
      default -> value;
    };
  }
}
