package dev.firn.scan.plan;

import dev.firn.error.FirnException;
import java.util.concurrent.Executor;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.io.CloseableIterable;

/**
 * Plans scans: the data files of a snapshot that may have rows of a filter, each with the deletes
 * that apply to it, exactly those that Iceberg's {@code planFiles} gives. Immutable, thread-safe.
 *
 * <p>How it works: manifests that the partition summaries do not rule out are taken from the index,
 * or read into it; partition tuples and statistics are evaluated over their columns, and only what
 * is left becomes tasks, whose files read the columns as they are asked.
 */
public final class TablePlanner {
  private final ManifestIndex index;
  private final Executor executor;
  private final int threads;

  /**
   * @param index shared by all planners of a lakehouse; borrowed
   * @param executor where manifests are read and evaluated; borrowed
   * @param threads how many of its threads one plan may take; 0: the caller's alone
   */
  public TablePlanner(ManifestIndex index, Executor executor, int threads) {
    if (threads < 0) {
      throw new IllegalArgumentException("threads must not be negative: " + threads);
    }
    this.index = index;
    this.executor = executor;
    this.threads = threads;
  }

  /**
   * Plans. Nothing is read before an iterator asks; each iterator plans anew, and is confined to
   * one thread. The tasks stay valid, and keep the columns of their manifests in memory.
   *
   * @throws FirnException CORRUPT from the iterator where a manifest does not decode
   */
  public CloseableIterable<FileScanTask> plan(PlanRequest request) {
    return new PlannedTasks(new SnapshotPlan(request, index), executor, threads);
  }
}
