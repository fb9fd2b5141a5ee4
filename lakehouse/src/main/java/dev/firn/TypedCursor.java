package dev.firn;

import dev.firn.format.row.RowBinder;
import java.util.Iterator;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.Record;

/**
 * A cursor over the rows of one snapshot as Java records or beans. Owns open files until closed.
 * Confined to one thread; the rows pass once.
 */
public final class TypedCursor<T> implements Iterable<T>, AutoCloseable {
  private final ScanCursor rows;
  private final RowBinder<T> binder;

  /** Takes {@code rows} over, also where the type does not fit them. */
  TypedCursor(ScanCursor rows, Class<T> type) {
    this.rows = rows;
    try {
      this.binder = RowBinder.of(type, rows.schema());
    } catch (RuntimeException e) {
      rows.close();
      throw e;
    }
  }

  /** Returns the columns of the rows, in order. */
  public Schema schema() {
    return rows.schema();
  }

  /** Returns the one iterator over the rows: a second call goes on where the first is. */
  @Override
  public Iterator<T> iterator() {
    Iterator<Record> records = rows.iterator();
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return records.hasNext();
      }

      @Override
      public T next() {
        return binder.fromRecord(records.next());
      }
    };
  }

  @Override
  public void close() {
    rows.close();
  }
}
