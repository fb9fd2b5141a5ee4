package dev.firn.scan;

import dev.firn.format.arrow.ArrowRows;
import java.util.Collections;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.io.CloseableIterator;

/** The rows of batches as records, which outlive them. Owns the batches. Confined to one thread. */
final class BatchRows implements CloseableIterator<Record> {
  private final Schema schema;
  private final BatchCursor batches;
  private Iterator<Record> rows = Collections.emptyIterator();
  private boolean closed;

  BatchRows(Schema schema, BatchCursor batches) {
    this.schema = schema;
    this.batches = batches;
  }

  @Override
  public boolean hasNext() {
    while (!closed && !rows.hasNext()) {
      if (!batches.next()) {
        return false;
      }
      rows = ArrowRows.rows(batches.root(), schema).iterator();
    }
    return !closed;
  }

  @Override
  public Record next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    return rows.next();
  }

  @Override
  public void close() {
    closed = true;
    batches.close();
  }
}
