package dev.firn.bench.write;

import dev.firn.bench.data.Dataset;
import dev.firn.bench.measure.BatchDigester;
import dev.firn.bench.measure.Digest;
import dev.firn.format.arrow.ArrowBatchBuilder;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.IcebergGenerics;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.io.CloseableIterable;

/** A data set in memory, as Arrow batches. Owns them. */
final class Batches implements AutoCloseable {
  private static final int BATCH_ROWS = 32 * 1024;

  private final Dataset dataset;
  private final List<ArrowBatchBuilder> builders = new ArrayList<>();
  private final List<VectorSchemaRoot> batches = new ArrayList<>();

  private Batches(Dataset dataset) {
    this.dataset = dataset;
  }

  /** Loads the rows of the data set's table. */
  static Batches load(Dataset dataset, Table table, BufferAllocator allocator) throws Exception {
    Batches loaded = new Batches(dataset);
    try (CloseableIterable<Record> rows = IcebergGenerics.read(table).reuseContainers().build()) {
      for (Record row : rows) {
        loaded.open(allocator).add(row);
      }
    }
    loaded.builders.forEach(builder -> loaded.batches.add(builder.finish()));
    return loaded;
  }

  private ArrowBatchBuilder open(BufferAllocator allocator) {
    ArrowBatchBuilder last = builders.isEmpty() ? null : builders.get(builders.size() - 1);
    if (last != null && last.rows() < BATCH_ROWS) {
      return last;
    }
    ArrowBatchBuilder next = new ArrowBatchBuilder(dataset.schema(), allocator);
    builders.add(next);
    return next;
  }

  Dataset dataset() {
    return dataset;
  }

  List<VectorSchemaRoot> all() {
    return batches;
  }

  Digest digest() {
    BatchDigester digester = new BatchDigester();
    batches.forEach(digester::add);
    return digester.digest();
  }

  @Override
  public void close() {
    builders.forEach(ArrowBatchBuilder::close);
  }
}
