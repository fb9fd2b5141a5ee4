package dev.firn.compaction;

import dev.firn.compaction.maintain.DataFileAges;
import dev.firn.compaction.maintain.Drift;
import dev.firn.compaction.maintain.ManifestFileReads;
import dev.firn.format.write.FileRegistrar;
import dev.firn.storage.DirectExecutor;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.function.LongFunction;
import java.util.function.UnaryOperator;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileContent;
import org.apache.iceberg.RewriteFiles;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.util.ContentFileUtil;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A removal of the delete files of main that apply to no data file any more: a compaction, or
 * another delete, has taken what they were for. Immutable. Works in the calling thread; reads
 * manifests and no row.
 *
 * <p>What can apply is told by the spec's rules of sequence numbers, partitions and names alone
 * ({@link DataFileAges}): a delete file that goes is one that no reader opens. They go in one
 * snapshot of operation {@code replace}. It is refused, and looked at again, up to {@value
 * #ATTEMPTS} times, where a data file came meanwhile that one of them may apply to: by a
 * compaction, of any engine, that gives its outputs an older sequence number, or by a rollback.
 *
 * <p>Outcomes of {@code run}: applied, not applied, or unknown. It writes no files but metadata,
 * and removes none: those leave with the snapshots that have them.
 */
public final class DanglingDeletes {
  static final int ATTEMPTS = 5;
  private static final Logger LOG = LoggerFactory.getLogger(DanglingDeletes.class);

  private final Target target;
  private final Runnable beforeCommit;

  private DanglingDeletes(Target target, Runnable beforeCommit) {
    this.target = target;
    this.beforeCommit = beforeCommit;
  }

  /**
   * What was, or on a dry run would be, removed; {@code snapshotId} is empty where nothing was.
   *
   * @param positionDeleteFiles of version 2 tables, or from before an upgrade
   * @param deletionVectors several of which may be in one file
   */
  public record Result(
      OptionalLong snapshotId,
      int positionDeleteFiles,
      int deletionVectors,
      int equalityDeleteFiles) {

    private static Result of(OptionalLong snapshotId, List<DeleteFile> gone) {
      int equality = 0;
      int vectors = 0;
      for (DeleteFile file : gone) {
        equality += file.content() == FileContent.EQUALITY_DELETES ? 1 : 0;
        vectors += ContentFileUtil.isDV(file) ? 1 : 0;
      }
      return new Result(snapshotId, gone.size() - equality - vectors, vectors, equality);
    }

    /** All of them. */
    public int total() {
      return positionDeleteFiles + deletionVectors + equalityDeleteFiles;
    }
  }

  /** Of a table whose failures leave as they are. */
  public static DanglingDeletes of(Table table) {
    return new DanglingDeletes(Target.of(table, failure -> failure), () -> {});
  }

  /**
   * Of a table whose failures leave as what {@code failures} makes of them; {@code holds} as in
   * {@link Compaction}.
   */
  public static DanglingDeletes of(
      Table table, UnaryOperator<RuntimeException> failures, LongFunction<Runnable> holds) {
    return new DanglingDeletes(
        new Target(table, failures, null, holds, () -> FileRegistrar.NONE), () -> {});
  }

  /** A test's way to let others commit in between. */
  DanglingDeletes beforeCommit(Runnable action) {
    return new DanglingDeletes(target, action);
  }

  /** What {@link #run()} would do now. Reads manifests, changes nothing. */
  public Result dryRun() {
    return work().once(() -> Result.of(OptionalLong.empty(), find()));
  }

  /** Removes them. */
  public Result run() {
    return work().retried(this::attempt);
  }

  private HeadWork work() {
    return new HeadWork(target, "remove dangling deletes of", ATTEMPTS);
  }

  private List<DeleteFile> find() {
    Table table = target.table();
    Snapshot head = table.currentSnapshot();
    List<DeleteFile> deletes = ManifestFileReads.deletes(table, head);
    if (head == null || deletes.isEmpty()) {
      return List.of();
    }
    DataFileAges ages = DataFileAges.none(table, deletes);
    ManifestFileReads.data(table, head.dataManifests(table.io()), ages::add);
    return deletes.stream().filter(delete -> !ages.reachedBy(delete)).toList();
  }

  private Result attempt() {
    List<DeleteFile> going = find();
    if (going.isEmpty()) {
      return Result.of(OptionalLong.empty(), going);
    }
    Table table = target.table();
    Snapshot base = Objects.requireNonNull(table.currentSnapshot());
    RewriteFiles rewrite =
        table
            .newRewrite()
            .scanManifestsWith(DirectExecutor.INSTANCE)
            .validateWith(Drift.check(table, base, since -> since.noneReachedBy(table, going)));
    going.forEach(rewrite::deleteFile);
    beforeCommit.run();
    rewrite.commit();
    Result result = Result.of(work().snapshot(rewrite), going);
    LOG.info("Removed dangling deletes of {}: {}", table.name(), result);
    return result;
  }
}
