package dev.firn.compaction;

import dev.firn.format.write.FileRegistrar;
import java.util.function.LongFunction;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.jspecify.annotations.Nullable;

/**
 * The table that an action works on, what becomes of the failures of that work, where its batches
 * come from (null: each run has a root of its own), and who is told, by sequence number, from which
 * snapshot on a run needs history, until it runs what it is given back, and who records its files.
 */
record Target(
    Table table,
    UnaryOperator<RuntimeException> failures,
    @Nullable BufferAllocator allocator,
    LongFunction<Runnable> holds,
    Supplier<FileRegistrar> registrars) {

  static Target of(Table table, UnaryOperator<RuntimeException> failures) {
    return new Target(table, failures, null, sequence -> () -> {}, () -> FileRegistrar.NONE);
  }

  Target recordedBy(Supplier<FileRegistrar> records) {
    return new Target(table, failures, allocator, holds, records);
  }

  /** Holds the table's head and what follows; to be run when the work is done. */
  Runnable hold() {
    Snapshot head = table.currentSnapshot();
    return head == null ? () -> {} : holds.apply(head.sequenceNumber());
  }

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
