package dev.firn.scan.plan;

import org.apache.iceberg.PartitionData;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;

/** The values of a partition, to evaluate filters on. Reused. */
final class PartitionTuple implements StructLike {
  /** That of a file of an unpartitioned spec. */
  static final StructLike EMPTY = new PartitionData(Types.StructType.of());

  private @Nullable Object[] values = {};

  PartitionTuple wrap(@Nullable Object[] tuple) {
    values = tuple;
    return this;
  }

  @Override
  public int size() {
    return values.length;
  }

  @Override
  public <T> @Nullable T get(int pos, Class<T> javaClass) {
    return javaClass.cast(values[pos]);
  }

  @Override
  public <T> void set(int pos, T value) {
    throw new UnsupportedOperationException("a partition does not change");
  }
}
