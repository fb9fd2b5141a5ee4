package dev.firn.scan;

import dev.firn.storage.DirectExecutor;
import java.util.concurrent.Executor;

/**
 * How data files are decoded. Immutable.
 *
 * @param batchRows the most rows of a batch
 * @param executor where columns decode; borrowed, and must outlive the scans
 * @param threads how many of its threads one file may take; 0 decodes in the caller's thread
 */
public record Decoding(int batchRows, Executor executor, int threads) {
  /**
   * Large enough that the work per batch does not count, small enough for the processor's caches.
   */
  public static final int DEFAULT_BATCH_ROWS = 16_384;

  /** In the caller's thread. */
  public static final Decoding INLINE =
      new Decoding(DEFAULT_BATCH_ROWS, DirectExecutor.INSTANCE, 0);

  public Decoding {
    if (batchRows <= 0 || threads < 0) {
      throw new IllegalArgumentException(
          "batchRows must be positive and threads not negative: " + batchRows + ", " + threads);
    }
  }

  /** The same with at most {@code rows} rows in a batch. */
  Decoding atMost(long rows) {
    return rows >= batchRows ? this : new Decoding((int) Math.max(1, rows), executor, threads);
  }

  Decoding withBatchRows(int rows) {
    return new Decoding(rows, executor, threads);
  }
}
