package dev.firn.change;

import org.apache.iceberg.data.Record;
import org.jspecify.annotations.Nullable;

/** Whether a clause applies to a row of the target, one of the source, or both. */
@FunctionalInterface
interface PairCondition {
  boolean holds(@Nullable Record target, @Nullable Record source);
}
