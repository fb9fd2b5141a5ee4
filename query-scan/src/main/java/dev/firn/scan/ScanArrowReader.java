package dev.firn.scan;

import dev.firn.format.arrow.ArrowBatchBuilder;
import dev.firn.format.arrow.ArrowSchemas;
import java.io.IOException;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.arrow.vector.types.pojo.Schema;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.CloseableIterator;
import org.jspecify.annotations.Nullable;

/** The rows of a scan as Arrow batches, all in one root that it owns. Confined to one thread. */
final class ScanArrowReader extends ArrowReader {
  private final org.apache.iceberg.Schema schema;
  private final CloseableIterable<Record> source;
  private final int batchRows;
  private @Nullable CloseableIterator<Record> rows;
  private @Nullable ArrowBatchBuilder builder;
  private long bytes;

  ScanArrowReader(
      org.apache.iceberg.Schema schema,
      CloseableIterable<Record> source,
      BufferAllocator allocator,
      int batchRows) {
    super(allocator);
    this.schema = schema;
    this.source = source;
    this.batchRows = batchRows;
  }

  @Override
  public boolean loadNextBatch() throws IOException {
    ensureInitialized();
    CloseableIterator<Record> from = rows == null ? source.iterator() : rows;
    rows = from;
    ArrowBatchBuilder batch =
        builder == null ? new ArrowBatchBuilder(schema, getVectorSchemaRoot()) : builder;
    builder = batch;
    batch.clear();
    while (batch.rows() < batchRows && from.hasNext()) {
      batch.add(from.next());
    }
    int loaded = batch.finish().getRowCount();
    bytes +=
        getVectorSchemaRoot().getFieldVectors().stream().mapToLong(v -> v.getBufferSize()).sum();
    return loaded > 0;
  }

  /**
   * Returns the bytes of the batches filled so far: what the scan produced, not what it fetched.
   */
  @Override
  public long bytesRead() {
    return bytes;
  }

  @Override
  protected void closeReadSource() throws IOException {
    source.close();
  }

  @Override
  protected Schema readSchema() {
    return ArrowSchemas.toArrow(schema);
  }
}
