package dev.firn.format.write.key;

import org.apache.iceberg.types.Type;

/** A space-filling curve: an order in which rows near each other in several columns are close. */
public enum Curve {
  /** Bits interleaved: cheap, with jumps. */
  Z_ORDER,
  /** Skilling's transform of Hilbert's curve: no jumps, so files have tighter bounds. */
  HILBERT;

  /** The most columns that a curve goes through; more would leave too few bits to each. */
  public static final int MOST_COLUMNS = 8;

  /** Whether a column of the type can be one of the curve's. */
  public static boolean takes(Type type) {
    return type.isPrimitiveType()
        && switch (type.typeId()) {
          case BOOLEAN,
              INTEGER,
              LONG,
              FLOAT,
              DOUBLE,
              DATE,
              TIME,
              TIMESTAMP,
              TIMESTAMP_NANO,
              DECIMAL,
              STRING,
              UUID,
              FIXED,
              BINARY ->
              true;
          default -> false;
        };
  }
}
