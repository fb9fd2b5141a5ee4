package dev.firn.format.write;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import org.apache.arrow.memory.AllocationListener;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.OutOfMemoryException;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.memory.rounding.SegmentRoundingPolicy;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The Arrow memory of one writer. Owns a child of the given allocator, or a root of its own. */
final class WriterMemory implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(WriterMemory.class);
  private static final long LEAST_BYTES = 1 << 20;
  // Buffers of exact sizes: rounding them to powers of two would waste a third of the budget.
  private static final long SEGMENT_BYTES = 1024;

  private final BufferAllocator allocator;
  private final @Nullable BufferAllocator root;
  private boolean closed;

  private WriterMemory(BufferAllocator allocator, @Nullable BufferAllocator root) {
    this.allocator = allocator;
    this.root = root;
  }

  static WriterMemory open(@Nullable BufferAllocator given, long budget) {
    if (budget < LEAST_BYTES) {
      throw FirnException.invalid(
          "Cannot open a data writer: its memory is too small, expected at least "
              + LEAST_BYTES
              + " bytes, got "
              + budget);
    }
    if (given != null) {
      return new WriterMemory(given.newChildAllocator("data writer", 0, budget), null);
    }
    BufferAllocator root =
        new RootAllocator(
            AllocationListener.NOOP, budget, new SegmentRoundingPolicy(SEGMENT_BYTES));
    return new WriterMemory(root.newChildAllocator("data writer", 0, budget), root);
  }

  BufferAllocator allocator() {
    return allocator;
  }

  FirnException exhausted(String table, OutOfMemoryException cause) {
    return new FirnException(
        ErrorKind.INVALID,
        "Cannot write data files: rows and open files do not fit into memory, expected at most "
            + allocator.getLimit()
            + " bytes; give the writer more memory, or write smaller batches ["
            + table
            + "]",
        cause);
  }

  /** Idempotent. A leak, which is a defect, is logged. */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    try {
      allocator.close();
      if (root != null) {
        root.close();
      }
    } catch (IllegalStateException e) {
      LOG.error("A data writer leaked memory", e);
    }
  }
}
