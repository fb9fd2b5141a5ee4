package dev.firn.format.parquet.write;

import org.apache.iceberg.FieldMetrics;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;

/** What Iceberg knows of a float or double column of a file, as its own writers count it. */
final class FloatMeter {
  private final Leaf leaf;
  private long values;
  private long nulls;
  private long nans;
  private boolean bounded;
  private double min;
  private double max;

  FloatMeter(Leaf leaf) {
    this.leaf = leaf;
  }

  /** Adds a page of {@code count} values that are not null, whose bounds are {@code range}'s. */
  void add(long count, long ownNulls, long pageNans, PageRange range) {
    values += count + ownNulls;
    nulls += ownNulls;
    nans += pageNans;
    if (!range.bounded()) {
      return;
    }
    if (!bounded || Double.compare(range.minDouble(), min) < 0) {
      min = range.minDouble();
    }
    if (!bounded || Double.compare(range.maxDouble(), max) > 0) {
      max = range.maxDouble();
    }
    bounded = true;
  }

  FieldMetrics<?> metrics() {
    int id = leaf.descriptor().getPrimitiveType().getId().intValue();
    if (leaf.type().typeId() == Type.TypeID.FLOAT) {
      return bounded
          ? new FieldMetrics<>(
              id, values, nulls, nans, (float) min, (float) max, Types.FloatType.get())
          : new FieldMetrics<Float>(id, values, nulls, nans, null, null, Types.FloatType.get());
    }
    return bounded
        ? new FieldMetrics<>(id, values, nulls, nans, min, max, Types.DoubleType.get())
        : new FieldMetrics<Double>(id, values, nulls, nans, null, null, Types.DoubleType.get());
  }
}
