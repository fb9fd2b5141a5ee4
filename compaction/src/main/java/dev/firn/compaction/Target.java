package dev.firn.compaction;

import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.iceberg.Table;
import org.jspecify.annotations.Nullable;

/**
 * The table that an action works on, what becomes of the failures of that work, and where its
 * batches come from (null: each run has a root of its own).
 */
record Target(
    Table table, UnaryOperator<RuntimeException> failures, @Nullable BufferAllocator allocator) {

  <T> T run(Supplier<T> work) {
    try {
      return work.get();
    } catch (RuntimeException e) {
      throw failures.apply(e);
    }
  }

  /** Returns an allocator for one run, which closes it. */
  BufferAllocator memory() {
    return allocator == null
        ? new RootAllocator(Runtime.getRuntime().maxMemory())
        : allocator.newChildAllocator("compact " + table.name(), 0, allocator.getLimit());
  }
}
