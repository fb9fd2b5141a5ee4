package dev.firn.upsert;

import dev.firn.format.arrow.ArrowBatchBuilder;
import dev.firn.format.arrow.ArrowConformer;
import dev.firn.format.arrow.ArrowSchemas;
import dev.firn.format.arrow.ArrowTake;
import dev.firn.format.arrow.ConformedBatch;
import dev.firn.format.row.RowConformer;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.dictionary.DictionaryProvider;
import org.apache.iceberg.data.Record;
import org.jspecify.annotations.Nullable;

/**
 * Makes segments of rows and keys, whatever form they come in. A row that does not fit is INVALID,
 * names the column, and changes nothing. Confined to one thread; owns the rows that wait.
 */
final class RowChanges implements AutoCloseable {
  static final int MOST_ROWS = 4096;

  private final KeyColumns columns;
  private final BufferAllocator allocator;
  private final RowConformer fitRow;
  private final RowConformer fitKey;
  private final ArrowConformer fitRows;
  private final ArrowConformer fitKeys;
  private final ArrowBatchBuilder rows;
  private final ArrowBatchBuilder keys;
  private final byte[] changes = new byte[MOST_ROWS];
  private final int[] rowOf = new int[MOST_ROWS];
  private long heapBytes;

  RowChanges(KeyColumns columns, String table, BufferAllocator allocator) {
    this.columns = columns;
    this.allocator = allocator;
    this.fitRow = new RowConformer(columns.rows(), table);
    this.fitKey = new RowConformer(columns.key(), table);
    this.fitRows = new ArrowConformer(columns.rows());
    this.fitKeys = new ArrowConformer(columns.key());
    this.rows = new ArrowBatchBuilder(columns.rows(), allocator);
    this.keys = new ArrowBatchBuilder(columns.key(), allocator);
  }

  /** Adds a row to those that wait; of a delete, its key columns alone. */
  void add(Change change, Record given) {
    int at = keys.rows();
    if (change == Change.DELETE) {
      keys.add(fitKey.conform(columns.named(given)).row());
      rowOf[at] = -1;
    } else {
      RowConformer.Conformed row = fitRow.conform(given);
      keys.add(columns.keyOf(row.row()));
      rowOf[at] = rows.rows();
      rows.add(row.row());
      heapBytes += row.bytes();
    }
    changes[at] = change.code();
  }

  /** How many wait. */
  int waiting() {
    return keys.rows();
  }

  /** Bytes of those that wait, an estimate. */
  long waitingBytes() {
    return heapBytes;
  }

  /** Returns what waits; null where nothing does. */
  @Nullable Segment take() {
    int count = keys.rows();
    if (count == 0) {
      return null;
    }
    Segment segment =
        segment(
            keys.finish(),
            rows.finish(),
            Arrays.copyOf(changes, count),
            Arrays.copyOf(rowOf, count));
    keys.clear();
    rows.clear();
    heapBytes = 0;
    return segment;
  }

  /** Returns the changes of a batch, which stays the caller's. Nothing may wait. */
  Segment of(Change change, VectorSchemaRoot batch) {
    DictionaryProvider none = new DictionaryProvider.MapDictionaryProvider();
    int count = batch.getRowCount();
    byte[] codes = new byte[count];
    Arrays.fill(codes, change.code());
    if (change == Change.DELETE) {
      int[] noRows = new int[count];
      Arrays.fill(noRows, -1);
      try (ConformedBatch fit = fitKeys.conform(columns.named(batch), none, allocator)) {
        return segment(fit.rows(), rows.finish(), codes, noRows);
      }
    }
    try (ConformedBatch fit = fitRows.conform(batch, none, allocator)) {
      int[] inOrder = IntStream.range(0, count).toArray();
      return segment(columns.keysOf(fit.rows()), fit.rows(), codes, inOrder);
    }
  }

  private Segment segment(
      VectorSchemaRoot ofKeys, VectorSchemaRoot ofRows, byte[] codes, int[] positions) {
    VectorSchemaRoot key = ArrowTake.copy(ofKeys, 0, ofKeys.getRowCount(), allocator);
    try {
      VectorSchemaRoot row = ArrowTake.copy(ofRows, 0, ofRows.getRowCount(), allocator);
      return new Segment(key, codes, row, positions);
    } catch (RuntimeException e) {
      key.close();
      throw e;
    }
  }

  static org.apache.arrow.vector.types.pojo.Schema arrowKey(KeyColumns columns) {
    return ArrowSchemas.toArrow(columns.key());
  }

  @Override
  public void close() {
    rows.close();
    keys.close();
  }
}
