package dev.firn.ingest.read;

import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;

/** Widening of column types, as far as Iceberg allows it. Stateless. */
public final class Promotion {
  private static final int MAX_PRECISION = 38;

  private Promotion() {}

  /**
   * Returns the type that a column must get to hold values of another type too, or its own type
   * where it does already or never can.
   */
  public static Type widened(Type column, Type values) {
    if (column instanceof Types.DecimalType own && values instanceof Types.DecimalType other) {
      int needed = other.precision() - other.scale() + own.scale();
      boolean fits = other.scale() > own.scale() || needed <= own.precision();
      return fits || needed > MAX_PRECISION
          ? own
          : Types.DecimalType.of(storagePrecision(needed), own.scale());
    }
    return SchemaUnion.promotes(column, values) ? values : column;
  }

  private static int storagePrecision(int digits) {
    if (digits <= 9) {
      return 9;
    }
    return digits <= 18 ? 18 : MAX_PRECISION;
  }
}
