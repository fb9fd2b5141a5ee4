package dev.firn.format.write.spill;

import dev.firn.format.arrow.ArrowTake;
import dev.firn.format.write.key.RowOrder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;

/**
 * The merge of runs into batches in order of partition, sort key and run. Holds one block of each
 * run, which it owns. Confined to one thread.
 *
 * <p>How it works: a binary heap of cursors, whose least gives the next row. Rows are gathered into
 * a batch when there are enough of them, and before a block that they lie in is given up.
 */
final class Merge implements AutoCloseable {
  private final BufferAllocator allocator;
  private final boolean keyed;
  private final boolean split;
  private final List<Cursor> cursors = new ArrayList<>();
  private final Cursor[] heap;
  private int size;
  private long[] picks = {};
  private int[] partitions = {};
  private int picked;

  /** Takes the rows of a batch and the partition of each; borrows both until it returns. */
  interface Output {
    void accept(VectorSchemaRoot rows, int[] partitions) throws IOException;
  }

  /** {@code split} asks for batches of one partition each. */
  Merge(
      List<Run> runs,
      Schema schema,
      @Nullable RowOrder rowOrder,
      BufferAllocator allocator,
      boolean split)
      throws IOException {
    this.allocator = allocator;
    this.keyed = rowOrder != null;
    this.split = split;
    this.heap = new Cursor[runs.size()];
    boolean done = false;
    try {
      for (Run run : runs) {
        cursors.add(new Cursor(run, cursors.size(), schema, rowOrder, allocator));
      }
      done = true;
    } finally {
      if (!done) {
        close();
      }
    }
  }

  void run(Output output) throws IOException {
    int batchRows = 1;
    for (Cursor cursor : cursors) {
      batchRows = Math.max(batchRows, cursor.blockRows());
      heap[size++] = cursor;
    }
    picks = new long[batchRows];
    partitions = new int[batchRows];
    for (int i = size / 2 - 1; i >= 0; i--) {
      sink(i);
    }
    while (size > 0) {
      step(heap[0], output);
      sink(0);
    }
    flush(output);
  }

  /** Takes rows from the cursor that is first, and moves it on. */
  private void step(Cursor first, Output output) throws IOException {
    pick(first, output);
    while (!keyed && first.goesOn()) {
      first.advance();
      pick(first, output);
    }
    if (!first.isLastOfBlock()) {
      first.advance();
      return;
    }
    flush(output);
    if (!first.nextBlock()) {
      heap[0] = heap[--size];
    }
  }

  private void pick(Cursor cursor, Output output) throws IOException {
    boolean other = split && picked > 0 && partitions[picked - 1] != cursor.partition();
    if (other || picked == picks.length) {
      flush(output);
    }
    picks[picked] = ArrowTake.pick(cursor.index(), cursor.row());
    partitions[picked++] = cursor.partition();
  }

  private void flush(Output output) throws IOException {
    if (picked == 0) {
      return;
    }
    try (VectorSchemaRoot rows = ArrowTake.take(sources(), picks, 0, picked, allocator)) {
      output.accept(rows, partitions);
    }
    picked = 0;
  }

  /** The blocks by cursor. A cursor that has ended has none, and no pick; any other stands in. */
  private List<VectorSchemaRoot> sources() {
    VectorSchemaRoot live = heap[0].rows();
    List<VectorSchemaRoot> sources = new ArrayList<>();
    for (Cursor cursor : cursors) {
      VectorSchemaRoot rows = cursor.rows();
      sources.add(rows == null ? Objects.requireNonNull(live) : rows);
    }
    return sources;
  }

  private void sink(int from) {
    int at = from;
    while (true) {
      int child = 2 * at + 1;
      if (child >= size) {
        return;
      }
      if (child + 1 < size && heap[child + 1].isBefore(heap[child])) {
        child++;
      }
      if (!heap[child].isBefore(heap[at])) {
        return;
      }
      Cursor swap = heap[at];
      heap[at] = heap[child];
      heap[child] = swap;
      at = child;
    }
  }

  @Override
  public void close() {
    cursors.forEach(Cursor::close);
  }
}
