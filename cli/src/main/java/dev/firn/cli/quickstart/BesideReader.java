package dev.firn.cli.quickstart;

import dev.firn.LakeTable;
import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * A reader that counts a table's rows over and over while a stream writes it, on a thread of its
 * own. Every count must be one that a commit made, and never less than the one before: half a batch
 * is never seen.
 */
final class BesideReader implements AutoCloseable {
  /** What was seen: how often the table was read, and how many different states. */
  record Seen(int reads, int states) {}

  private final LakeTable table;
  private final String column;
  private final Set<Long> allowed = ConcurrentHashMap.newKeySet();
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(work -> new Thread(work, "firn-quickstart-reader"));
  private final Future<Seen> running;
  private volatile boolean stop;

  BesideReader(LakeTable table, String column, long rows) {
    this.table = table;
    this.column = column;
    allowed.add(rows);
    running = thread.submit(this::read);
  }

  /** Announces a count that the next commit will make; called before that commit. */
  void allow(long rows) {
    allowed.add(rows);
  }

  private Seen read() {
    int reads = 0;
    int states = 0;
    long last = -1;
    while (!stop) {
      long rows = table.scan().select(column).count();
      if (!allowed.contains(rows) || rows < last) {
        throw new FirnException(
            ErrorKind.INTERNAL,
            "Cannot finish the quickstart: a reader beside the stream saw %,d rows of %s, which no commit made"
                .formatted(rows, table.name()));
      }
      states += rows == last ? 0 : 1;
      last = rows;
      reads++;
    }
    return new Seen(reads, states);
  }

  /** Ends the reader and returns what it saw, or throws what it threw. */
  Seen finish() {
    stop = true;
    try {
      return running.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new FirnException(
          ErrorKind.UNAVAILABLE, "Cannot finish the quickstart: it was interrupted", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException(e.getCause());
    }
  }

  @Override
  public void close() {
    stop = true;
    thread.shutdownNow();
  }
}
