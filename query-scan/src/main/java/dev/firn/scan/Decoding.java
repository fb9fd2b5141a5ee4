package dev.firn.scan;

import dev.firn.storage.DirectExecutor;
import java.util.concurrent.Executor;

/**
 * How data files are decoded. Immutable.
 *
 * @param batchRows the most rows of a batch
 * @param executor where files, and the columns of a scan's only file, decode; borrowed, and must
 *     outlive the scans. It may be shared by any number of scans: none waits for it while holding
 *     one of its threads, and where it has none to spare, scans go on in the threads that read
 *     them.
 * @param threads how many threads a scan keeps busy, the reading one included; 0: that alone
 * @param aheadBytes the memory of a scan for files and batches that are ahead of the reader; one
 *     file at least is read whatever it needs
 */
public record Decoding(int batchRows, Executor executor, int threads, long aheadBytes) {
  /**
   * Large enough that the work per batch does not count, small enough for the processor's caches.
   */
  public static final int DEFAULT_BATCH_ROWS = 16_384;

  /** In the caller's thread. */
  public static final Decoding INLINE =
      new Decoding(DEFAULT_BATCH_ROWS, DirectExecutor.INSTANCE, 0);

  /** What a scan holds ahead unless told otherwise. */
  public static final long DEFAULT_AHEAD_BYTES = 128L << 20;

  public Decoding {
    if (batchRows <= 0 || threads < 0 || aheadBytes < 0) {
      throw new IllegalArgumentException(
          "batchRows must be positive, threads and aheadBytes not negative: %d, %d, %d"
              .formatted(batchRows, threads, aheadBytes));
    }
  }

  /** With {@link #DEFAULT_AHEAD_BYTES}. */
  public Decoding(int batchRows, Executor executor, int threads) {
    this(batchRows, executor, threads, DEFAULT_AHEAD_BYTES);
  }

  /** The same with at most {@code rows} rows in a batch. */
  Decoding atMost(long rows) {
    return rows >= batchRows ? this : withBatchRows((int) Math.max(1, rows));
  }

  Decoding withBatchRows(int rows) {
    return new Decoding(rows, executor, threads, aheadBytes);
  }
}
