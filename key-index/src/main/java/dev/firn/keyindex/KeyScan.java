package dev.firn.keyindex;

import dev.firn.error.FirnException;
import dev.firn.scan.BatchCursor;
import dev.firn.scan.FileTaskReader;
import dev.firn.scan.TaskCursors;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.expressions.Expressions;
import org.jspecify.annotations.Nullable;

/**
 * Reads the key columns of data files into sorted runs. Deletes are not looked at. Several threads
 * may read, each some of the files. Made for one reading; borrows all it is given.
 */
final class KeyScan {
  /** A file to read: its task has no deletes. */
  record Work(FileSlot slot, FileScanTask task) {}

  private static final int LEAST_CHUNK = 1 << 14;
  private static final int MOST_CHUNK = 1 << 20;

  private final FileTaskReader reader;
  private final Supplier<KeyColumns> columns;
  private final RunMemory memory;
  private final long slabBytes;
  private final int chunk;
  private final BufferAllocator allocator;
  private final Iterator<Work> works;
  private final List<Run> runs = new ArrayList<>();
  private volatile boolean failed;

  KeyScan(
      Function<org.apache.iceberg.expressions.Expression, FileTaskReader> reader,
      Supplier<KeyColumns> columns,
      RunMemory memory,
      long slabBytes,
      BufferAllocator allocator,
      List<Work> works,
      int threads) {
    this.reader = reader.apply(Expressions.alwaysTrue());
    this.columns = columns;
    this.memory = memory;
    this.slabBytes = slabBytes;
    this.allocator = allocator;
    this.works = works.iterator();
    long rows = works.stream().mapToLong(work -> work.slot().rows()).sum();
    // 32 bytes a row, with what sorting takes: half of the budget, for all threads.
    long bounded = memory.most() / 2 / 32 / Math.max(1, threads);
    long most = Math.max(LEAST_CHUNK, Math.min(MOST_CHUNK, bounded));
    this.chunk = (int) Math.max(16, Math.min(most, rows));
  }

  /** Returns the runs, the caller's; none are left where it fails. */
  List<Run> read(Executor executor, int threads) {
    List<CompletableFuture<@Nullable Void>> readers = new ArrayList<>();
    boolean done = false;
    try {
      for (int i = 1; i < threads; i++) {
        readers.add(CompletableFuture.runAsync(this::readSome, executor));
      }
      readSome();
      done = true;
    } finally {
      failed |= !done;
      done &= await(readers);
      if (!done) {
        runs.forEach(Run::close);
      }
    }
    readers.forEach(KeyScan::join);
    return runs;
  }

  /** Waits for all; whether none failed. */
  private static boolean await(List<CompletableFuture<@Nullable Void>> readers) {
    boolean done = true;
    for (CompletableFuture<@Nullable Void> each : readers) {
      done &= each.handle((nothing, failure) -> failure == null).join();
    }
    return done;
  }

  private static void join(CompletableFuture<@Nullable Void> reader) {
    try {
      reader.join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : e;
    }
  }

  private void readSome() {
    boolean done = false;
    Sorted sorted = new Sorted();
    Mine mine = new Mine();
    try (TaskCursors files = reader.inOrder(mine, allocator)) {
      BatchCursor file = files.next();
      while (file != null) {
        try (BatchCursor rows = file) {
          read(mine.slot(), rows, sorted);
        }
        file = failed ? null : files.next();
      }
      sorted.flush();
      done = true;
    } finally {
      if (!done) {
        failed = true;
      }
    }
  }

  private static void read(FileSlot slot, BatchCursor batches, Sorted sorted) {
    long position = 0;
    while (batches.next()) {
      VectorSchemaRoot batch = batches.root();
      if (position + batch.getRowCount() > slot.rows()) {
        throw count(slot, position + batch.getRowCount());
      }
      sorted.add(batch, slot.base() + position);
      position += batch.getRowCount();
    }
    if (position != slot.rows()) {
      throw count(slot, position);
    }
  }

  private static FirnException count(FileSlot slot, long rows) {
    return FirnException.corrupt(
        "Cannot index the keys of a data file: its manifest counts other rows, expected "
            + slot.rows()
            + ", got "
            + rows
            + " ["
            + slot.location()
            + "]; restore the file, or roll back to a snapshot without it",
        null);
  }

  private synchronized @Nullable Work take() {
    return works.hasNext() ? works.next() : null;
  }

  private synchronized void keep(Run run) {
    runs.add(run);
  }

  /** The files of one thread; knows which one is read, as they are opened in the order taken. */
  private final class Mine implements Iterator<FileScanTask> {
    private final Deque<FileSlot> taken = new ArrayDeque<>();
    private @Nullable Work next;

    @Override
    public boolean hasNext() {
      if (next == null) {
        next = take();
      }
      return next != null;
    }

    @Override
    public FileScanTask next() {
      Work work = hasNext() ? next : null;
      if (work == null) {
        throw new NoSuchElementException();
      }
      next = null;
      taken.add(work.slot());
      return work.task();
    }

    FileSlot slot() {
      return taken.remove();
    }
  }

  /** Entries of one thread, sorted into a run when they are many. */
  private final class Sorted {
    private final Pairs pairs = new Pairs(chunk);
    private final HashSort sort = new HashSort();
    private final KeyColumns keys = columns.get();
    private long first = Long.MAX_VALUE;
    private long last;

    void add(VectorSchemaRoot batch, long base) {
      keys.load(batch.getFieldVectors());
      long[] hashes = keys.hashes(batch.getRowCount());
      first = Math.min(first, base);
      last = Math.max(last, base + batch.getRowCount() - 1);
      if (pairs.size + batch.getRowCount() > chunk) {
        addSome(hashes, base, batch.getRowCount());
        return;
      }
      int rows = batch.getRowCount();
      if (keys.mayBeNull()) {
        addSome(hashes, base, rows);
        return;
      }
      System.arraycopy(hashes, 0, pairs.hashes, pairs.size, rows);
      for (int i = 0; i < rows; i++) {
        pairs.rows[pairs.size + i] = base + i;
      }
      pairs.size += rows;
    }

    /** Old files may have null where the field is required by now: no key finds such rows. */
    private void addSome(long[] hashes, long base, int rows) {
      for (int i = 0; i < rows; i++) {
        if (keys.isNull(i)) {
          continue;
        }
        if (pairs.size == chunk) {
          flush();
          first = base;
          last = base + rows - 1;
        }
        pairs.add(hashes[i], base + i);
      }
    }

    void flush() {
      if (pairs.size == 0) {
        return;
      }
      sort.sort(pairs.hashes, pairs.rows, pairs.size, Long.SIZE);
      RunShape shape = RunShape.of(pairs.size, first, last, slabBytes);
      try (RunBuilder builder = new RunBuilder(memory, shape, pairs.size)) {
        for (int i = 0; i < pairs.size; i++) {
          builder.add(pairs.hashes[i], pairs.rows[i]);
        }
        keep(builder.build());
      }
      pairs.size = 0;
      first = Long.MAX_VALUE;
      last = 0;
    }
  }
}
