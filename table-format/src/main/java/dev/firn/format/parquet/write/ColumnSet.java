package dev.firn.format.parquet.write;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.BiConsumer;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.iceberg.FieldMetrics;
import org.apache.parquet.hadoop.ParquetFileWriter;

/** The columns of one file and the benches that they are encoded on. Owns their memory. */
final class ColumnSet implements AutoCloseable {
  private final ParquetSettings settings;
  private final Parallel parallel;
  private final List<ColumnWriter> columns = new ArrayList<>();
  private final List<Workbench> benches = new ArrayList<>();

  ColumnSet(
      List<Leaf> leaves, ParquetSettings settings, BufferAllocator allocator, Parallel parallel) {
    this.settings = settings;
    this.parallel = parallel;
    try {
      for (Leaf leaf : leaves) {
        columns.add(new ColumnWriter(leaf, settings, allocator));
      }
      for (int i = 0; i < Math.min(parallel.workers(), leaves.size()); i++) {
        benches.add(new Workbench(settings, allocator));
      }
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  /**
   * How many rows of the batch to add before row group's size is looked at: a page of every column,
   * or an eighth of a row group.
   */
  int step(VectorSchemaRoot batch) {
    long bytes = 1;
    for (FieldVector vector : batch.getFieldVectors()) {
      bytes += vector.getBufferSize();
    }
    long rows = settings.rowGroupBytes() / 8 * Math.max(1, batch.getRowCount()) / bytes;
    long most = (long) settings.pageRows() * (parallel.workers() == 1 ? 1 : 4);
    return (int) Math.max(1, Math.min(Math.min(most, Integer.MAX_VALUE / 2), rows));
  }

  void append(VectorSchemaRoot batch, int from, int count) {
    each((column, bench) -> column.append(batch, from, count, bench));
  }

  void finishChunks() {
    each(ColumnWriter::finishChunk);
  }

  /** Side by side, the largest columns first: what is left for the end is soon done. */
  private void each(BiConsumer<ColumnWriter, Workbench> action) {
    List<ColumnWriter> order = columns;
    if (parallel.workers() > 1) {
      order = new ArrayList<>(columns);
      order.sort(Comparator.comparingLong(ColumnWriter::buffered).reversed());
    }
    List<ColumnWriter> ordered = order;
    parallel.run(
        ordered.size(),
        (column, worker) -> action.accept(ordered.get(column), benches.get(worker)));
  }

  void writeTo(ParquetFileWriter file, PageSums sums) throws IOException {
    PageCopy copy = new PageCopy();
    for (ColumnWriter column : columns) {
      column.writeTo(file, copy, sums);
    }
  }

  long buffered() {
    return columns.stream().mapToLong(ColumnWriter::buffered).sum();
  }

  /** What the columns would add to the file if it ended now. */
  long estimate() {
    return columns.stream().mapToLong(ColumnWriter::estimate).sum();
  }

  /** Lets go of all memory; no page is being filled. */
  void release() {
    columns.forEach(ColumnWriter::release);
    benches.forEach(Workbench::release);
  }

  long heapBytes() {
    return columns.stream().mapToLong(ColumnWriter::heapBytes).sum()
        + benches.stream().mapToLong(Workbench::heapBytes).sum();
  }

  List<FieldMetrics<?>> metrics() {
    List<FieldMetrics<?>> metrics = new ArrayList<>();
    for (ColumnWriter column : columns) {
      FieldMetrics<?> measured = column.metrics();
      if (measured != null) {
        metrics.add(measured);
      }
    }
    return metrics;
  }

  @Override
  public void close() {
    columns.forEach(ColumnWriter::close);
    benches.forEach(Workbench::close);
  }
}
