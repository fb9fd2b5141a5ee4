package dev.firn.format.write.spill;

import dev.firn.format.write.key.Keys;
import dev.firn.format.write.key.RowOrder;
import java.io.IOException;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;

/** A place in one run, and the block around it. Confined to one thread; owns the block. */
final class Cursor implements AutoCloseable {
  private final Run run;
  private final int index;
  private final Schema schema;
  private final @Nullable RowOrder rowOrder;
  private final BufferAllocator allocator;
  private Block block;
  private @Nullable Keys keys;
  private boolean ended;
  private int row;
  private long prefix;

  /** Starts at the first row of a run that has one; {@code index} orders the runs. */
  Cursor(Run run, int index, Schema schema, @Nullable RowOrder rowOrder, BufferAllocator allocator)
      throws IOException {
    this.run = run;
    this.index = index;
    this.schema = schema;
    this.rowOrder = rowOrder;
    this.allocator = allocator;
    this.block = run.next(schema, allocator);
    boolean done = false;
    try {
      enter();
      done = true;
    } finally {
      if (!done) {
        block.close();
      }
    }
  }

  private void enter() {
    row = 0;
    if (rowOrder != null) {
      keys = rowOrder.of(block.rows(), allocator);
    }
    look();
  }

  private void look() {
    Keys current = keys;
    prefix = current == null ? 0 : current.prefix(row);
  }

  int index() {
    return index;
  }

  int row() {
    return row;
  }

  int partition() {
    return block.partition(row);
  }

  /** The rows around it; null after the run's end. */
  @Nullable VectorSchemaRoot rows() {
    return ended ? null : block.rows();
  }

  int blockRows() {
    return block.size();
  }

  boolean isLastOfBlock() {
    return row + 1 == block.size();
  }

  /** Whether the next row of the block has the same partition. */
  boolean goesOn() {
    return !isLastOfBlock() && block.partition(row + 1) == block.partition(row);
  }

  /** Moves on within the block. */
  void advance() {
    row++;
    look();
  }

  /** Moves to the next block, giving up this one; false at the run's end. */
  boolean nextBlock() throws IOException {
    release();
    if (!run.hasNext()) {
      ended = true;
      return false;
    }
    block = run.next(schema, allocator);
    enter();
    return true;
  }

  /** Whether its row comes before the other's; of equal rows, that of the earlier run. */
  boolean isBefore(Cursor other) {
    if (partition() != other.partition()) {
      return partition() < other.partition();
    }
    Keys mine = keys;
    Keys theirs = other.keys;
    if (mine != null && theirs != null) {
      int order =
          prefix != other.prefix
              ? Long.compareUnsigned(prefix, other.prefix)
              : mine.compare(row, theirs, other.row);
      if (order != 0) {
        return order < 0;
      }
    }
    return index < other.index;
  }

  private void release() {
    block.close();
    Keys last = keys;
    keys = null;
    if (last != null) {
      last.close();
    }
  }

  @Override
  public void close() {
    release();
  }
}
