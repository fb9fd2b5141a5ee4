package dev.firn.format.parquet.filter;

import java.math.BigInteger;
import java.util.UUID;
import org.apache.iceberg.expressions.Expression;

/**
 * A comparison as membership of {@code [low, high]}, or of what lies outside, over the keys of
 * fixed-width values: signed integers that order as the values do. Comparisons upwards are the
 * outside of those downwards: so NaN, which Iceberg orders above all numbers and whose keys lie at
 * both ends, falls on the right side.
 */
record Interval(BigInteger low, BigInteger high, boolean outside) {
  boolean isEmpty() {
    return low.compareTo(high) > 0;
  }

  static Interval of(Expression.Operation op, BigInteger lowest, BigInteger value) {
    return switch (op) {
      case LT -> new Interval(lowest, value.subtract(BigInteger.ONE), false);
      case LT_EQ -> new Interval(lowest, value, false);
      case GT -> new Interval(lowest, value, true);
      case GT_EQ -> new Interval(lowest, value.subtract(BigInteger.ONE), true);
      case EQ -> new Interval(value, value, false);
      case NOT_EQ -> new Interval(value, value, true);
      default -> throw new IllegalArgumentException("Not a comparison: " + op);
    };
  }

  /** The order of {@link Float#compare} for all but NaN, which lies at both ends. */
  static int key(int floatBits) {
    return floatBits ^ ((floatBits >> 31) >>> 1);
  }

  /** The order of {@link Double#compare} for all but NaN, which lies at both ends. */
  static long key(long doubleBits) {
    return doubleBits ^ ((doubleBits >> 63) >>> 1);
  }

  /** The order of {@link UUID#compareTo}: both halves signed. */
  static BigInteger key(UUID value) {
    return BigInteger.valueOf(value.getMostSignificantBits())
        .shiftLeft(64)
        .add(BigInteger.valueOf(value.getLeastSignificantBits()))
        .subtract(BigInteger.valueOf(Long.MIN_VALUE));
  }
}
