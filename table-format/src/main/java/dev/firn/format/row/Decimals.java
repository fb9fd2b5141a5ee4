package dev.firn.format.row;

import java.math.BigDecimal;
import java.math.RoundingMode;
import org.apache.iceberg.types.Types.DecimalType;
import org.jspecify.annotations.Nullable;

/** Decimals in a column's precision and scale. Stateless. */
public final class Decimals {
  private Decimals() {}

  /** Returns the same number in the type's scale, or null where the type cannot hold it exactly. */
  public static @Nullable BigDecimal fit(BigDecimal number, DecimalType type) {
    BigDecimal scaled = number;
    if (number.scale() != type.scale()) {
      scaled = number.setScale(type.scale(), RoundingMode.DOWN);
      if (scaled.compareTo(number) != 0) {
        return null;
      }
    }
    return scaled.precision() > type.precision() ? null : scaled;
  }
}
