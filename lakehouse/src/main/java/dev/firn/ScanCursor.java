package dev.firn;

import dev.firn.format.row.RowBinder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.CloseableIterator;

/**
 * A cursor over the rows of one snapshot. Owns open files until closed. Confined to one thread; the
 * rows pass once.
 */
public final class ScanCursor implements Iterable<Record>, AutoCloseable {
  private final String doing;
  private final Schema schema;
  private final CloseableIterable<Record> source;
  private final CloseableIterator<Record> rows;

  ScanCursor(String doing, Schema schema, CloseableIterable<Record> source) {
    this.doing = doing;
    this.schema = schema;
    this.source = source;
    this.rows = source.iterator();
  }

  /** Returns the columns of the rows, in order. */
  public Schema schema() {
    return schema;
  }

  /** Returns the one iterator over the rows: a second call goes on where the first is. */
  @Override
  public Iterator<Record> iterator() {
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return Guard.call(doing, rows::hasNext);
      }

      @Override
      public Record next() {
        return Guard.call(doing, rows::next);
      }
    };
  }

  /**
   * Reads the rest as Java records or beans, columns matched to components or properties by name.
   */
  public <T> List<T> toList(Class<T> type) {
    RowBinder<T> binder = RowBinder.of(type, schema);
    List<T> all = new ArrayList<>();
    for (Record row : this) {
      all.add(binder.fromRecord(row));
    }
    return all;
  }

  @Override
  public void close() {
    try {
      rows.close();
      source.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
