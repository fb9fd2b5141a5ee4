package dev.firn.ingest.value;

import java.math.BigDecimal;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;

/**
 * What the numbers of one column need: a builder that sees every number and then names the
 * narrowest exact type. Confined to one thread.
 */
final class NumberRange {
  private static final int MAX_PRECISION = 38;
  private static final int EXACT_DOUBLE_DIGITS = 15;

  private int integerDigits;
  private int fractionDigits;
  private boolean fitsInt = true;
  private boolean fitsLong = true;
  private boolean integral = true;
  private boolean floating;
  private boolean exactDouble = true;

  void add(String text, NumberScan scan) {
    if (scan.exponent()) {
      addFloating();
      return;
    }
    integerDigits = Math.max(integerDigits, scan.integerDigits());
    fractionDigits = Math.max(fractionDigits, scan.fractionDigits());
    if (scan.integral()) {
      noteInteger(text, scan.integerDigits());
    } else {
      integral = false;
    }
    if (exactDouble && scan.integerDigits() + scan.fractionDigits() > EXACT_DOUBLE_DIGITS) {
      exactDouble = survivesAsDouble(text);
    }
  }

  void addFloating() {
    floating = true;
    integral = false;
  }

  private void noteInteger(String text, int digits) {
    if (digits > 18 && fitsLong) {
      fitsLong = digits == 19 && parsesAsLong(text);
    }
    if (digits > 9 && fitsInt) {
      fitsInt = fitsLong && digits == 10 && Long.parseLong(text) == (int) Long.parseLong(text);
    }
  }

  private static boolean parsesAsLong(String text) {
    BigDecimal value = new BigDecimal(text);
    return value.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) <= 0
        && value.compareTo(BigDecimal.valueOf(Long.MIN_VALUE)) >= 0;
  }

  private static boolean survivesAsDouble(String text) {
    double value = Double.parseDouble(text);
    return Double.isFinite(value) && BigDecimal.valueOf(value).compareTo(new BigDecimal(text)) == 0;
  }

  /**
   * Returns the type of fixed-point text: {@code long}, a decimal of the needed scale whose
   * precision fills its storage width (9, 18 or 38), or {@code double}. Null for integers of more
   * than 38 digits, which only text can hold.
   */
  @Nullable Type ofText() {
    if (floating) {
      return Types.DoubleType.get();
    }
    if (integral && fitsLong) {
      return Types.LongType.get();
    }
    if (integerDigits + fractionDigits <= MAX_PRECISION) {
      return Types.DecimalType.of(storagePrecision(integerDigits + fractionDigits), fractionDigits);
    }
    return integral ? null : Types.DoubleType.get();
  }

  /** Returns the type of JSON numbers: fractions are doubles as long as every one is exact so. */
  @Nullable Type ofJson() {
    boolean asDouble = !integral && !floating && exactDouble;
    return asDouble ? Types.DoubleType.get() : ofText();
  }

  /** Returns the narrowest type that holds the same values as {@code wide}. */
  Type narrow(Type wide) {
    if (wide.typeId() == Type.TypeID.LONG && fitsInt) {
      return Types.IntegerType.get();
    }
    if (wide.typeId() == Type.TypeID.DECIMAL) {
      return Types.DecimalType.of(Math.max(1, integerDigits + fractionDigits), fractionDigits);
    }
    return wide;
  }

  private static int storagePrecision(int digits) {
    if (digits <= 9) {
      return 9;
    }
    return digits <= 18 ? 18 : MAX_PRECISION;
  }
}
