package dev.firn.bench.write;

import dev.firn.bench.data.BenchTables;
import dev.firn.bench.data.Dataset;
import dev.firn.bench.data.Events;
import dev.firn.bench.data.Lineitem;
import dev.firn.bench.measure.Run;
import dev.firn.bench.measure.Suite;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.iceberg.Table;

/**
 * How fast do Arrow batches in memory become one Parquet file, in one thread, against Iceberg's
 * generic appender and DuckDB's {@code COPY}? And in how much memory do they become thousands of
 * partitions?
 */
public final class WriteSuite implements Suite {
  private static final String SNAPPY = "snappy.";

  @Override
  public String name() {
    return "write";
  }

  @Override
  public String question() {
    return "Arrow batches to Parquet files: time, size, memory over 10,000 partitions";
  }

  @Override
  public void run(Run run) throws Exception {
    try (BenchTables tables = BenchTables.open(run)) {
      files(run, tables, Lineitem.dataset(run.quick()), "write.");
      files(run, tables, Events.dataset(run.quick()), "write.events.");
      new Partitions(run, tables).run();
    }
  }

  private static void files(Run run, BenchTables tables, Dataset dataset, String prefix)
      throws Exception {
    if (Writes.PEERS.stream().noneMatch(peer -> wants(run, prefix, peer))) {
      return;
    }
    Table table = tables.table(dataset, "zstd");
    try (BufferAllocator allocator = new RootAllocator();
        Batches batches = Batches.load(dataset, table, allocator)) {
      new Writes(run, prefix, "zstd", batches, allocator).run(table);
      new Writes(run, prefix + SNAPPY, "snappy", batches, allocator).run(table);
    }
  }

  private static boolean wants(Run run, String prefix, String peer) {
    return run.wants(Writes.id(prefix, peer)) || run.wants(Writes.id(prefix + SNAPPY, peer));
  }
}
