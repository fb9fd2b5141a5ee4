package dev.firn.format.row;

import org.apache.iceberg.Schema;
import org.apache.iceberg.data.Record;

/**
 * Binds a Java record or bean class to a schema: components and properties match columns by name.
 * SKELETON.
 */
public final class RowBinder<T> {
  private RowBinder() {}

  public static <T> RowBinder<T> of(Class<T> type, Schema schema) {
    throw new UnsupportedOperationException(type.toString() + schema);
  }

  /** The Iceberg schema that a Java record's or bean's components imply. */
  public static Schema schemaOf(Class<?> type) {
    throw new UnsupportedOperationException(type.toString());
  }

  public Record toRecord(T row) {
    throw new UnsupportedOperationException(String.valueOf(row));
  }

  public T fromRecord(Record row) {
    throw new UnsupportedOperationException(row.toString());
  }
}
