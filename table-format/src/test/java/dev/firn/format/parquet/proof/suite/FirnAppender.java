package dev.firn.format.parquet.proof.suite;

import dev.firn.format.arrow.ArrowBatchBuilder;
import dev.firn.format.parquet.write.ParquetSettings;
import dev.firn.format.parquet.write.ParquetWriter;
import java.util.List;
import java.util.function.Function;
import org.apache.arrow.memory.RootAllocator;
import org.apache.iceberg.Metrics;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.io.FileAppender;
import org.apache.iceberg.io.OutputFile;

/** Our writer, filled row by row. Confined to one thread. Owns its allocator, which ends empty. */
final class FirnAppender<D> implements FileAppender<D> {
  private static final int BATCH_ROWS = 100;

  private final RootAllocator allocator = new RootAllocator(1L << 28);
  private final Function<D, Record> unbox;
  private final ParquetWriter writer;
  private final ArrowBatchBuilder batch;
  private boolean closed;

  FirnAppender(
      OutputFile file, Schema schema, ParquetSettings settings, Function<D, Record> unbox) {
    this.unbox = unbox;
    this.writer = ParquetWriter.create(file, schema, settings, allocator);
    this.batch = new ArrowBatchBuilder(schema, allocator);
  }

  @Override
  public void add(D row) {
    batch.add(unbox.apply(row));
    if (batch.rows() == BATCH_ROWS) {
      flush();
    }
  }

  private void flush() {
    if (batch.rows() > 0) {
      writer.write(batch.finish());
      batch.clear();
    }
  }

  @Override
  public Metrics metrics() {
    return writer.metrics();
  }

  @Override
  public long length() {
    if (!closed) {
      flush();
    }
    return writer.length();
  }

  @Override
  public List<Long> splitOffsets() {
    return writer.splitOffsets();
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    try {
      flush();
      writer.finish();
    } finally {
      batch.close();
      writer.close();
      allocator.close();
    }
  }
}
