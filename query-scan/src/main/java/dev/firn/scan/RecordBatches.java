package dev.firn.scan;

import dev.firn.format.arrow.ArrowBatchBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.function.Function;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.io.CloseableIterator;

/** Batches filled with records. Owns the records' iterator. */
final class RecordBatches implements BatchCursor {
  private final CloseableIterator<Record> rows;
  private final ArrowBatchBuilder batch;
  private final VectorSchemaRoot root;
  private final int batchRows;
  private final Function<RuntimeException, RuntimeException> failures;

  /** {@code failures} gives what to throw for what goes wrong. */
  RecordBatches(
      Schema schema,
      CloseableIterator<Record> rows,
      BufferAllocator allocator,
      int batchRows,
      Function<RuntimeException, RuntimeException> failures) {
    this.rows = rows;
    this.failures = failures;
    this.batch = new ArrowBatchBuilder(schema, allocator);
    this.root = batch.finish();
    this.batchRows = batchRows;
  }

  @Override
  public boolean next() {
    try {
      batch.clear();
      while (batch.rows() < batchRows && rows.hasNext()) {
        batch.add(rows.next());
      }
      return batch.finish().getRowCount() > 0;
    } catch (RuntimeException e) {
      throw failures.apply(e);
    }
  }

  @Override
  public VectorSchemaRoot root() {
    return root;
  }

  @Override
  public void close() {
    try (batch) {
      rows.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
