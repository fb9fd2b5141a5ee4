package dev.firn.format.arrow;

import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Objects;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.dictionary.DictionaryProvider;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.Record;

/**
 * Reads the rows of Arrow batches as Iceberg records of a target schema, columns matched by name
 * (exact) at every level. Stateless.
 *
 * <p>Every common physical type is taken: integers of each width and sign, half to double floats,
 * 128- and 256-bit decimals, dates, times and timestamps of each unit, strings and binaries in
 * their large and view forms, lists in each layout, dictionary-encoded columns. Values are widened
 * to the target type, or narrowed where they fit exactly; one that does not fit is {@link
 * dev.firn.error.ErrorKind#INVALID} and names column, row (from 0) and value. A column that the
 * target lacks, a type that can never fit, and an absent required column without a write default
 * are {@code INVALID} at once.
 */
public final class ArrowRows {
  private ArrowRows() {}

  /**
   * Returns the batch's rows, read as they are iterated; records hold copies and outlive the batch.
   * Fields absent from the batch are null (their write default where there is one).
   */
  public static Iterable<Record> rows(VectorSchemaRoot batch, Schema target) {
    return rows(batch, target, new DictionaryProvider.MapDictionaryProvider());
  }

  /** As {@link #rows(VectorSchemaRoot, Schema)}, for batches with dictionary-encoded columns. */
  public static Iterable<Record> rows(
      VectorSchemaRoot batch, Schema target, DictionaryProvider dictionaries) {
    return rows(batch, target, dictionaries, 0, batch.getRowCount());
  }

  /** As {@link #rows(VectorSchemaRoot, Schema)}, of {@code count} rows from row {@code from}. */
  public static Iterable<Record> rows(VectorSchemaRoot batch, Schema target, int from, int count) {
    Objects.checkFromIndexSize(from, count, batch.getRowCount());
    return rows(batch, target, new DictionaryProvider.MapDictionaryProvider(), from, count);
  }

  private static Iterable<Record> rows(
      VectorSchemaRoot batch, Schema target, DictionaryProvider dictionaries, int from, int count) {
    StructReader reader =
        new StructReader(target.asStruct(), batch.getFieldVectors(), "", dictionaries);
    return () -> new Rows(reader, from, from + count);
  }

  private static final class Rows implements Iterator<Record> {
    private final StructReader reader;
    private final int end;
    private int next;

    Rows(StructReader reader, int from, int end) {
      this.reader = reader;
      this.next = from;
      this.end = end;
    }

    @Override
    public boolean hasNext() {
      return next < end;
    }

    @Override
    public Record next() {
      if (next >= end) {
        throw new NoSuchElementException();
      }
      try {
        return reader.read(next++);
      } catch (Misfit misfit) {
        throw misfit.inRow(next - 1);
      }
    }
  }
}
