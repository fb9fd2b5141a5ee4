package dev.firn.format.parquet.filter;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.apache.iceberg.expressions.BoundLiteralPredicate;
import org.apache.iceberg.expressions.BoundPredicate;
import org.apache.iceberg.expressions.BoundSetPredicate;
import org.apache.iceberg.expressions.Expression.Operation;
import org.apache.iceberg.types.Comparators;
import org.jspecify.annotations.Nullable;

/**
 * Whether rows whose values lie within bounds may hold one that a predicate is true of. Says yes
 * wherever that is not certain. Immutable.
 */
final class BoundsTest {
  private final Operation op;
  private final @Nullable StoredForm form;
  private final List<Object> literals;
  private final boolean literalsKnown;

  BoundsTest(BoundPredicate<?> predicate, @Nullable StoredForm form) {
    this.op = predicate.op();
    this.form = form;
    Collection<?> given = literals(predicate);
    this.literals = form == null ? List.of() : converted(given, form);
    this.literalsKnown = form != null && literals.size() == given.size();
  }

  private static Collection<?> literals(BoundPredicate<?> predicate) {
    if (predicate instanceof BoundLiteralPredicate<?> comparison) {
      return List.of(comparison.literal().value());
    } else if (predicate instanceof BoundSetPredicate<?> set) {
      return set.literalSet();
    }
    return List.of();
  }

  private static List<Object> converted(Collection<?> given, StoredForm form) {
    List<Object> literals = new ArrayList<>();
    for (Object literal : given) {
      Object value = form.fromLiteral().apply(literal);
      if (value != null) {
        literals.add(value);
      }
    }
    return literals;
  }

  boolean mayMatch(ValueBounds bounds) {
    if (bounds.values() == 0) {
      return false;
    }
    if (op == Operation.IS_NULL) {
      return !bounds.noneNull();
    }
    if (bounds.allNull()) {
      return false;
    }
    Object low = bounds.low();
    Object high = bounds.high();
    if (form == null || !literalsKnown || low == null || high == null) {
      return true;
    }
    return mayMatch(form, low, high);
  }

  private boolean mayMatch(StoredForm known, Object low, Object high) {
    boolean ordered = known.ordersAlike();
    // NaN is above every bound, and equal to no literal.
    boolean mayBeAbove = !ordered || known.holdsNan();
    return switch (op) {
      case LT -> !ordered || toLiteral(known, low) < 0;
      case LT_EQ -> !ordered || toLiteral(known, low) <= 0;
      case GT -> mayBeAbove || toLiteral(known, high) > 0;
      case GT_EQ -> mayBeAbove || toLiteral(known, high) >= 0;
      case EQ, IN -> literals.stream().anyMatch(literal -> within(known, low, high, literal));
      case NOT_EQ, NOT_IN -> known.holdsNan() || !isOneOf(known, low, high);
      case STARTS_WITH -> mayStartWith((ByteBuffer) low, (ByteBuffer) high);
      case NOT_STARTS_WITH -> !(startsWith((ByteBuffer) low) && startsWith((ByteBuffer) high));
      default -> true;
    };
  }

  private int toLiteral(StoredForm known, Object bound) {
    return known.order().compare(bound, literals.get(0));
  }

  private static boolean within(StoredForm known, Object low, Object high, Object literal) {
    return known.order().compare(low, literal) <= 0 && known.order().compare(high, literal) >= 0;
  }

  /** Whether every value is the same, and one of the literals. */
  private boolean isOneOf(StoredForm known, Object low, Object high) {
    return known.order().compare(low, high) == 0
        && literals.stream().anyMatch(literal -> known.order().compare(low, literal) == 0);
  }

  private boolean mayStartWith(ByteBuffer low, ByteBuffer high) {
    ByteBuffer prefix = (ByteBuffer) literals.get(0);
    ByteBuffer start = low.duplicate();
    start.limit(start.position() + Math.min(start.remaining(), prefix.remaining()));
    return compare(start, prefix) <= 0 && compare(high, prefix) >= 0;
  }

  private static int compare(ByteBuffer left, ByteBuffer right) {
    return Comparators.unsignedBytes().compare(left, right);
  }

  private boolean startsWith(ByteBuffer bound) {
    ByteBuffer prefix = (ByteBuffer) literals.get(0);
    return bound.remaining() >= prefix.remaining()
        && bound.slice(bound.position(), prefix.remaining()).equals(prefix);
  }
}
