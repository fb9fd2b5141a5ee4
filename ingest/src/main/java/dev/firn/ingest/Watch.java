package dev.firn.ingest;

import dev.firn.ingest.read.ReadMonitor;
import java.util.concurrent.CancellationException;

/** Counts a load's bytes and rows, tells its listener, and stops it where it was cancelled. */
final class Watch implements ReadMonitor {
  private static final int ROWS_BETWEEN = 1 << 10;
  private static final long BYTES_BETWEEN = 1 << 20;

  private final String table;
  private final LoadProgress listener;
  private volatile boolean cancelled;
  private LoadProgress.Phase phase = LoadProgress.Phase.INFERRING;
  private long totalBytes;
  private long bytes;
  private long told;
  private long rows;

  Watch(String table, LoadProgress listener) {
    this.table = table;
    this.listener = listener;
  }

  void begin(LoadProgress.Phase next, long total) {
    phase = next;
    totalBytes = total;
    bytes = 0;
    rows = 0;
    tell();
  }

  /** Ends a phase: whatever of the inputs it left out needs no reading any more. */
  void end() {
    bytes = totalBytes;
    tell();
  }

  /** Begins the last phase, which reads nothing: its totals are those of the phase before. */
  void commit() {
    phase = LoadProgress.Phase.COMMITTING;
    tell();
  }

  /** May be called from any thread. */
  void cancel() {
    cancelled = true;
  }

  @Override
  public void bytes(long count) {
    bytes += count;
    if (bytes - told >= BYTES_BETWEEN) {
      tell();
    }
  }

  @Override
  public void row() {
    if (++rows % ROWS_BETWEEN == 0) {
      tell();
    }
  }

  /** Tells the listener, and stops the load where it should. */
  void tell() {
    told = bytes;
    checkStop();
    listener.update(phase, bytes, totalBytes, rows);
  }

  /** Returns the rows of the phase so far. */
  long rows() {
    return rows;
  }

  /** Stops the load where it should. */
  void checkStop() {
    if (cancelled || Thread.currentThread().isInterrupted()) {
      throw new CancellationException(
          "Load into %s was stopped; nothing was committed".formatted(table));
    }
  }
}
