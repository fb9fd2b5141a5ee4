package dev.firn.format.write.key;

import java.math.BigInteger;

/** The 128-bit integers of {@link Values}. Stateless. */
final class Wide {
  private static final BigInteger LOW = BigInteger.ONE.shiftLeft(64).subtract(BigInteger.ONE);

  private Wide() {}

  static BigInteger toBigInteger(Values values, int row) {
    BigInteger low = BigInteger.valueOf(values.words[row]).and(LOW);
    return BigInteger.valueOf(values.highs[row]).shiftLeft(64).or(low);
  }

  static void set(Values values, int row, BigInteger value) {
    values.words[row] = value.longValue();
    values.highs[row] = value.shiftRight(64).longValue();
  }
}
