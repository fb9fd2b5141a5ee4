package dev.firn.compaction;

import dev.firn.compaction.plan.FileGroup;
import dev.firn.error.FirnException;
import dev.firn.format.write.FileRegistrar;
import dev.firn.scan.FileTaskReader;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.LongFunction;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.actions.BinPackRewriteFilePlanner;
import org.apache.iceberg.actions.RewriteFileGroup;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.util.PropertyUtil;
import org.jspecify.annotations.Nullable;

/**
 * A refinable compaction of the main branch of one table: configure, then {@link #plan()} or {@link
 * #run()}. Immutable. Works in the calling thread.
 *
 * <p>Files are merged where they are far from the target size, have many delete files, or have 30 %
 * or more of their rows deleted; a group is worth it from {@link #minInputFiles} on, or for its
 * deletes. Files of older partition specs come out in the current one. Row ids and last-updated
 * sequence numbers of v3 tables are kept. One run makes one snapshot.
 *
 * <p>A deleted row never comes back, and what is rewritten is committed, whatever other writers do
 * meanwhile: rows that they delete from source files are deleted from the new ones in the same
 * snapshot, see {@link dev.firn.compaction.commit.RewriteCommit}. Nothing is rewritten again.
 *
 * <p>Outcomes of {@code run}: applied; not applied (conflict, corrupt, or whatever failed: outputs
 * are removed); or unknown (nothing is removed, the message says how to look).
 */
public final class Compaction {
  /** Reading that many delete files for one data file is worth a rewrite. */
  private static final int MANY_DELETE_FILES = 2;

  private static final int DEFAULT_MIN_INPUT_FILES = 2;

  private final Target target;
  private final Expression filter;
  private final @Nullable Long targetBytes;
  private final int minInputFiles;
  private final boolean everything;
  private final CompactionProgress progress;
  private final Runnable beforeCommit;

  private Compaction(
      Target target,
      Expression filter,
      @Nullable Long targetBytes,
      int minInputFiles,
      boolean everything,
      CompactionProgress progress,
      Runnable beforeCommit) {
    this.target = target;
    this.filter = filter;
    this.targetBytes = targetBytes;
    this.minInputFiles = minInputFiles;
    this.everything = everything;
    this.progress = progress;
    this.beforeCommit = beforeCommit;
  }

  /** Of a table whose failures leave as they are. Each run has an Arrow root of its own. */
  public static Compaction of(Table table) {
    return of(Target.of(table, failure -> failure));
  }

  /**
   * Of a table whose failures leave as what {@code failures} makes of them. Batches come from a
   * child of {@code allocator}, which is borrowed.
   */
  public static Compaction of(
      Table table, BufferAllocator allocator, UnaryOperator<RuntimeException> failures) {
    return of(table, allocator, failures, sequence -> () -> {});
  }

  /**
   * As {@link #of(Table, BufferAllocator, UnaryOperator)}; each run tells {@code holds} the
   * sequence number from which on it needs the table's history, and runs what it is given back once
   * it is done. Where that history expires all the same, it looks at what is left.
   */
  public static Compaction of(
      Table table,
      BufferAllocator allocator,
      UnaryOperator<RuntimeException> failures,
      LongFunction<Runnable> holds) {
    return of(new Target(table, failures, allocator, holds, () -> FileRegistrar.NONE));
  }

  private static Compaction of(Target target) {
    return new Compaction(
        target,
        Expressions.alwaysTrue(),
        null,
        DEFAULT_MIN_INPUT_FILES,
        false,
        (bytesDone, bytesTotal, rows) -> {},
        () -> {});
  }

  /**
   * Records the outputs of each run before they are created, by what {@code registrars} makes for
   * it. Outputs that a failed run removed may stay recorded.
   */
  public Compaction recordedBy(Supplier<FileRegistrar> registrars) {
    return new Compaction(
        target.recordedBy(registrars),
        filter,
        targetBytes,
        minInputFiles,
        everything,
        progress,
        beforeCommit);
  }

  /** Only files that may hold matching rows, by partition and column bounds. */
  public Compaction where(Expression newFilter) {
    return new Compaction(
        target, newFilter, targetBytes, minInputFiles, everything, progress, beforeCommit);
  }

  /** The size to aim at (default: {@code write.target-file-size-bytes}). */
  public Compaction targetFileSizeBytes(long bytes) {
    requirePositive("the target file size", bytes);
    return new Compaction(target, filter, bytes, minInputFiles, everything, progress, beforeCommit);
  }

  /** The fewest files worth rewriting together (default 2 here: small tables count too). */
  public Compaction minInputFiles(int files) {
    requirePositive("the fewest files to merge", files);
    return new Compaction(target, filter, targetBytes, files, everything, progress, beforeCommit);
  }

  /** Rewrites every file, also well-sized ones. */
  public Compaction everything() {
    return new Compaction(target, filter, targetBytes, minInputFiles, true, progress, beforeCommit);
  }

  public Compaction progress(CompactionProgress newProgress) {
    return new Compaction(
        target, filter, targetBytes, minInputFiles, everything, newProgress, beforeCommit);
  }

  /** A test's chance to be the other writer: runs before each attempt to commit. */
  Compaction beforeCommit(Runnable hook) {
    return new Compaction(target, filter, targetBytes, minInputFiles, everything, progress, hook);
  }

  /** What {@link #run()} would do now, without writing. */
  public CompactionPlan plan() {
    return target.run(() -> new CompactionPlan(groups().stream().map(this::describe).toList()));
  }

  /** Merges, and commits one snapshot; none where nothing needs doing. */
  public CompactionResult run() {
    return target.run(this::rewrite);
  }

  private CompactionResult rewrite() {
    target.table().refresh();
    Runnable release = target.hold();
    try {
      List<RewriteFileGroup> groups = groups();
      if (groups.isEmpty()) {
        return CompactionResult.nothing(0);
      }
      try (BufferAllocator memory = target.memory()) {
        return new CompactionRun(
                target.table(),
                Objects.requireNonNull(target.table().currentSnapshot()),
                groups.stream().map(Compaction::fileGroup).toList(),
                memory,
                target.registrars().get(),
                progress,
                beforeCommit)
            .run();
      }
    } finally {
      release.run();
    }
  }

  private static FileGroup fileGroup(RewriteFileGroup group) {
    return new FileGroup(
        "", group.fileScanTasks(), group.inputSplitSize(), group.expectedOutputFiles());
  }

  private List<RewriteFileGroup> groups() {
    Table table = target.table();
    table.refresh();
    // Checks the filter, with a better message than the planner's.
    var unused = new FileTaskReader(table, table.schema(), filter);
    if (table.currentSnapshot() == null) {
      return List.of();
    }
    BinPackRewriteFilePlanner planner =
        new BinPackRewriteFilePlanner(table, filter, table.currentSnapshot().snapshotId(), true);
    planner.init(options());
    List<RewriteFileGroup> groups = new ArrayList<>();
    planner.plan().groups().forEach(groups::add);
    return groups;
  }

  private Map<String, String> options() {
    Map<String, String> options = new HashMap<>();
    options.put(BinPackRewriteFilePlanner.TARGET_FILE_SIZE_BYTES, Long.toString(targetBytes()));
    options.put(BinPackRewriteFilePlanner.MIN_INPUT_FILES, Integer.toString(minInputFiles));
    options.put(
        BinPackRewriteFilePlanner.DELETE_FILE_THRESHOLD, Integer.toString(MANY_DELETE_FILES));
    options.put(BinPackRewriteFilePlanner.REWRITE_ALL, Boolean.toString(everything));
    return options;
  }

  private long targetBytes() {
    return targetBytes != null
        ? targetBytes
        : PropertyUtil.propertyAsLong(
            target.table().properties(),
            TableProperties.WRITE_TARGET_FILE_SIZE_BYTES,
            TableProperties.WRITE_TARGET_FILE_SIZE_BYTES_DEFAULT);
  }

  private CompactionPlan.Group describe(RewriteFileGroup group) {
    Set<String> deletes = new HashSet<>();
    Set<String> partitions = new HashSet<>();
    for (FileScanTask task : group.fileScanTasks()) {
      for (DeleteFile delete : task.deletes()) {
        deletes.add(delete.location() + "#" + delete.contentOffset());
      }
      PartitionSpec spec = task.spec();
      partitions.add(spec.isUnpartitioned() ? "" : spec.partitionToPath(task.file().partition()));
    }
    return new CompactionPlan.Group(
        partitions.size() == 1 ? partitions.iterator().next() : "",
        group.inputFileNum(),
        deletes.size(),
        group.inputFilesSizeInBytes(),
        group.expectedOutputFiles());
  }

  private void requirePositive(String what, long value) {
    if (value <= 0) {
      throw FirnException.invalid(
          "Cannot compact "
              + target.table().name()
              + ": "
              + what
              + " must be positive, got "
              + value);
    }
  }
}
