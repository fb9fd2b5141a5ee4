package dev.firn.format.parquet.proof.suite;

import dev.firn.format.arrow.ArrowRows;
import dev.firn.format.parquet.read.ParquetReader;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Queue;
import org.apache.arrow.memory.RootAllocator;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.io.CloseableGroup;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.CloseableIterator;

/** The rows of our reader; each iteration reads anew, and leaves its allocator empty. */
final class FirnRows extends CloseableGroup implements CloseableIterable<Record> {
  private final ParquetReader.Builder read;
  private final Schema projection;

  FirnRows(ParquetReader.Builder read, Schema projection) {
    this.read = read;
    this.projection = projection;
  }

  @Override
  public CloseableIterator<Record> iterator() {
    Rows rows = new Rows();
    addCloseable(rows);
    return rows;
  }

  private final class Rows implements CloseableIterator<Record> {
    private final RootAllocator allocator = new RootAllocator(1L << 28);
    private final ParquetReader reader;
    private final Queue<Record> batch = new ArrayDeque<>();
    private boolean closed;

    Rows() {
      try {
        reader = read.open(allocator);
      } catch (RuntimeException e) {
        allocator.close();
        throw e;
      }
    }

    @Override
    public boolean hasNext() {
      if (batch.isEmpty() && reader.next()) {
        Iterator<Record> rows =
            ArrowRows.rows(reader.root(), projection, reader.dictionaries()).iterator();
        rows.forEachRemaining(batch::add);
      }
      return !batch.isEmpty();
    }

    @Override
    public Record next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      return batch.remove();
    }

    @Override
    public void close() {
      if (!closed) {
        closed = true;
        reader.close();
        allocator.close();
      }
    }
  }
}
