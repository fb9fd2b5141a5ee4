package dev.firn.scan;

import dev.firn.error.FirnException;
import dev.firn.format.arrow.ArrowSchemas;
import dev.firn.format.write.key.Keys;
import dev.firn.format.write.key.SortKeys;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.function.Supplier;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Schema;
import org.apache.iceberg.SortOrder;
import org.apache.iceberg.Table;
import org.apache.iceberg.io.CloseableIterable;
import org.jspecify.annotations.Nullable;

/**
 * The rows of sorted files in their order: a merge, in which all files are open at once, each with
 * one small batch. Plans when first asked for a batch. Confined to one thread. Owns what it opens.
 *
 * <p>That files are sorted is taken from their metadata, and seen to be true on the way.
 */
final class SortedBatches implements BatchCursor {
  /** Each needs a file handle, and memory for a batch and what it is decoded from. */
  static final int MOST_FILES = 256;

  /** Rows of a file that are in memory at once, at most. */
  private static final int SOURCE_ROWS = 1024;

  private final Table table;
  private final FileTaskReader reader;
  private final Supplier<CloseableIterable<FileScanTask>> planning;
  private final SortOrder order;
  private final SortKeys sortKeys;
  private final int columns;
  private final BufferAllocator allocator;
  private final int batchRows;
  private final Cancellation cancellation;
  private final List<Source> open = new ArrayList<>();
  private final PriorityQueue<Source> queue = new PriorityQueue<>();
  private final VectorSchemaRoot root;
  private boolean planned;
  private boolean closed;
  private long remaining;

  /**
   * {@code read} is the schema of {@code reader}: that of {@code request}'s rows, {@code output},
   * and behind it what else the order looks at. Borrows {@code parent}.
   */
  SortedBatches(
      Table table,
      FileTaskReader reader,
      Schema read,
      Schema output,
      Supplier<CloseableIterable<FileScanTask>> planning,
      ScanRequest request,
      SortedInto into) {
    this.table = table;
    this.cancellation = request.cancellation();
    this.reader = reader.stoppedBy(cancellation::isCancelled).batches(SOURCE_ROWS);
    this.planning = planning;
    this.order = table.sortOrder();
    this.sortKeys = new SortKeys(order, read);
    this.columns = output.columns().size();
    this.batchRows = into.batchRows();
    this.remaining = request.limit();
    this.allocator = into.parent().newChildAllocator("sorted scan", 0, into.parent().getLimit());
    this.root = VectorSchemaRoot.create(ArrowSchemas.toArrow(output), allocator);
  }

  /** Where the batches go: their memory is from a child of {@code parent}. */
  record SortedInto(BufferAllocator parent, int batchRows) {}

  @Override
  public boolean next() {
    cancellation.check();
    root.clear();
    if (closed || remaining == 0) {
      return false;
    }
    if (!planned) {
      planned = true;
      openAll();
    }
    int most = (int) Math.min(batchRows, remaining);
    int rows = 0;
    for (Source least = queue.poll(); least != null; least = rows < most ? queue.poll() : null) {
      copy(least, rows++);
      if (least.advance()) {
        queue.add(least);
      }
    }
    for (FieldVector vector : root.getFieldVectors()) {
      vector.setValueCount(rows);
    }
    root.setRowCount(rows);
    remaining -= rows;
    return rows > 0;
  }

  private void openAll() {
    for (FileScanTask task : SortedFiles.check(table, order, planning)) {
      Source source = new Source(task, open.size());
      open.add(source);
      if (source.advance()) {
        queue.add(source);
      }
    }
  }

  private void copy(Source source, int to) {
    List<FieldVector> from = source.batches.root().getFieldVectors();
    for (int i = 0; i < columns; i++) {
      root.getVector(i).copyFromSafe(source.row, to, from.get(i));
    }
  }

  @Override
  public VectorSchemaRoot root() {
    return root;
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    queue.clear();
    try (allocator;
        root) {
      for (Source source : open) {
        source.close();
      }
    }
  }

  /** One file, at one of its rows. */
  private final class Source implements Comparable<Source>, AutoCloseable {
    private final String location;
    private final int number;
    private final BatchCursor batches;
    private @Nullable Keys keys;
    private int row;
    private int rows;

    Source(FileScanTask task, int number) {
      this.location = task.file().location();
      this.number = number;
      this.batches = reader.openArrow(task, allocator);
    }

    /** Goes to the next row; false at the end. */
    boolean advance() {
      Keys before = keys;
      if (row + 1 < rows) {
        row++;
        checkOrder(before, row - 1);
        return true;
      }
      int last = row;
      if (!batches.next()) {
        close();
        return false;
      }
      rows = batches.root().getRowCount();
      row = 0;
      keys = sortKeys.of(batches.root(), allocator);
      try {
        checkOrder(before, last);
      } finally {
        if (before != null) {
          before.close();
        }
      }
      return true;
    }

    private void checkOrder(@Nullable Keys before, int beforeRow) {
      if (before != null && at().compare(row, before, beforeRow) < 0) {
        throw FirnException.corrupt(
            "Cannot read in order: the file is said to be sorted and is not; read without the order, or compact the table [%s of table %s]"
                .formatted(location, table.name()),
            null);
      }
    }

    private Keys at() {
      Keys present = keys;
      if (present == null) {
        throw new IllegalStateException("there is no row");
      }
      return present;
    }

    @Override
    public int compareTo(Source other) {
      int byKey = at().compare(row, other.at(), other.row);
      return byKey != 0 ? byKey : Integer.compare(number, other.number);
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return this == other;
    }

    @Override
    public int hashCode() {
      return number;
    }

    @Override
    public void close() {
      Keys last = keys;
      keys = null;
      if (last != null) {
        last.close();
      }
      batches.close();
    }
  }
}
