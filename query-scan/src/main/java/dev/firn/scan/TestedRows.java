package dev.firn.scan;

import dev.firn.format.arrow.ArrowBatchBuilder;
import dev.firn.format.parquet.filter.BatchPredicate;
import dev.firn.format.parquet.filter.RowBits;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.io.CloseableIterator;

/**
 * The records that pass a test of batches: a cursor. Some rows at a time are put into a batch of
 * the columns that are tested. Confined to one thread. Owns the records.
 */
final class TestedRows implements CloseableIterator<Record> {
  private static final int ROWS = 1024;

  private final CloseableIterator<Record> rows;
  private final RowProjector toTested;
  private final BatchPredicate test;
  private final ArrowBatchBuilder batch;
  private final RowBits keep = new RowBits();
  private final List<Record> held = new ArrayList<>();
  private int at;

  /** {@code toTested} takes out of a record the columns {@code tested}. */
  TestedRows(
      CloseableIterator<Record> rows,
      RowProjector toTested,
      Schema tested,
      BatchPredicate test,
      BufferAllocator allocator) {
    this.rows = rows;
    this.toTested = toTested;
    this.test = test;
    this.batch = new ArrowBatchBuilder(tested, allocator);
  }

  @Override
  public boolean hasNext() {
    while (true) {
      while (at < held.size() && !keep.get(at)) {
        at++;
      }
      if (at < held.size()) {
        return true;
      }
      if (!load()) {
        return false;
      }
    }
  }

  private boolean load() {
    held.clear();
    batch.clear();
    at = 0;
    while (held.size() < ROWS && rows.hasNext()) {
      Record row = rows.next();
      held.add(row);
      batch.add(toTested.project(row));
    }
    keep.startFull(held.size());
    test.test(batch.finish(), keep);
    return !held.isEmpty();
  }

  @Override
  public Record next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    return held.get(at++);
  }

  @Override
  public void close() throws IOException {
    try (batch) {
      rows.close();
    }
  }
}
