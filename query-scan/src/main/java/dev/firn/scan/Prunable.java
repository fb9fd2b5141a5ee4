package dev.firn.scan;

import java.util.List;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.expressions.NamedReference;
import org.apache.iceberg.expressions.UnboundPredicate;
import org.apache.iceberg.expressions.UnboundTerm;
import org.apache.iceberg.types.Type;

/**
 * What pruning by Iceberg 1.11.0's rules can be asked for a predicate: something that is true
 * wherever the predicate is, and that the rules do not answer wrongly. Stateless.
 *
 * <p>Iceberg fails on a null partition value where it looks it up in a set of strings; its bounds
 * leave out NaN, which is above every other value; it fails to look for what is not NaN in a file
 * without the column; and the bounds of a writer that takes both zeros for equal tell nothing of a
 * zero's sign, which we order. Of a transform of a column that the table is partitioned by as it
 * is, it compares the column's value itself, not what the transform makes of it; and it orders
 * UUIDs by signed halves where the bounds of partitions may be in the order of bytes.
 */
final class Prunable {
  private Prunable() {}

  /** {@code identity}: whether a spec of the table has the column as a partition. */
  static <T> Expression of(UnboundPredicate<T> predicate, Type type, boolean identity) {
    if (!(predicate.term() instanceof NamedReference)) {
      return Expressions.alwaysTrue();
    }
    if (type.typeId() == Type.TypeID.UUID && identity && predicate.literals() != null) {
      return Expressions.notNull(predicate.term());
    }
    boolean floating = type.typeId() == Type.TypeID.FLOAT || type.typeId() == Type.TypeID.DOUBLE;
    return switch (predicate.op()) {
      case IN, NOT_IN ->
          Expressions.and(Expressions.notNull(predicate.term()), signless(predicate, type));
      case GT, GT_EQ ->
          floating
              ? Expressions.or(signless(predicate, type), Expressions.isNaN(predicate.term()))
              : predicate;
      case NOT_NAN -> Expressions.notNull(predicate.term());
      default -> signless(predicate, type);
    };
  }

  /** Widens a comparison with a zero, so that it does not tell the zeros apart. */
  private static <T> Expression signless(UnboundPredicate<T> predicate, Type type) {
    boolean zero =
        predicate.literals() != null
            && predicate.literals().stream().anyMatch(literal -> isZero(literal.value(), type));
    if (!zero) {
      return predicate;
    }
    UnboundTerm<Object> term = Expressions.ref(predicate.ref().name());
    return switch (predicate.op()) {
      case LT, LT_EQ -> Expressions.lessThanOrEqual(term, 0.0d);
      case GT, GT_EQ -> Expressions.greaterThanOrEqual(term, -0.0d);
      case EQ, IN -> {
        Expression zeros =
            Expressions.and(
                Expressions.greaterThanOrEqual(term, -0.0d),
                Expressions.lessThanOrEqual(term, 0.0d));
        List<Object> others =
            predicate.literals().stream()
                .map(literal -> (Object) literal.value())
                .filter(value -> !isZero(value, type))
                .toList();
        yield others.isEmpty() ? zeros : Expressions.or(zeros, Expressions.in(term, others));
      }
      default -> Expressions.notNull(predicate.term());
    };
  }

  private static boolean isZero(Object value, Type type) {
    if (!(value instanceof Number number)) {
      return false;
    }
    return switch (type.typeId()) {
      case FLOAT -> number.floatValue() == 0.0f; // as it is bound
      case DOUBLE -> number.doubleValue() == 0.0;
      default -> false;
    };
  }
}
