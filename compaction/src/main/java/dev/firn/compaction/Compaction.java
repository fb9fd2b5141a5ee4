package dev.firn.compaction;

import dev.firn.compaction.CompactionOptions.Budget;
import dev.firn.compaction.plan.Clustering;
import dev.firn.compaction.plan.FileGroup;
import dev.firn.compaction.plan.Planner;
import dev.firn.error.FirnException;
import dev.firn.format.write.FileRegistrar;
import dev.firn.format.write.key.Curve;
import dev.firn.scan.FileTaskReader;
import dev.firn.scan.ScanRequest;
import dev.firn.scan.SnapshotSelector;
import dev.firn.scan.TableScanner;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongFunction;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SortOrder;
import org.apache.iceberg.Table;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.io.CloseableIterable;

/**
 * A refinable compaction of the main branch of one table: configure, then {@link #plan()} or {@link
 * #run()}. Immutable. Works in the calling thread, and in as many more as {@link #threads} says.
 *
 * <p>What is worth rewriting the table's properties {@code firn.compaction.*} say, see {@link
 * dev.firn.compaction.plan.Criteria}; the methods here go before them. Files of older partition
 * specs come out in the current one. Row ids and last-updated sequence numbers of v3 tables are
 * kept. One run makes one snapshot, but for {@link #partialProgress}.
 *
 * <p>A deleted row never comes back, and what is rewritten is committed, whatever other writers do
 * meanwhile: rows that they delete from source files are deleted from the new ones in the same
 * snapshot, see {@link dev.firn.compaction.commit.RewriteCommit}. Nothing is rewritten again.
 *
 * <p>Outcomes of {@code run}: applied; not applied (conflict, corrupt, or whatever failed: outputs
 * are removed); or unknown (nothing is removed, the message says how to look). What it committed
 * before stays applied. A run whose thread is interrupted returns what it has committed, and the
 * thread is interrupted still.
 */
public final class Compaction {
  private final Target target;
  private final CompactionOptions options;

  private Compaction(Target target, CompactionOptions options) {
    this.target = target;
    this.options = options;
  }

  /** Of a table whose failures leave as they are. Each run has an Arrow root of its own. */
  public static Compaction of(Table table) {
    return new Compaction(Target.of(table, failure -> failure), CompactionOptions.DEFAULT);
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
    Target target = new Target(table, failures, allocator, holds, () -> FileRegistrar.NONE);
    return new Compaction(target, CompactionOptions.DEFAULT);
  }

  /**
   * Records the outputs of each commit before they are created, by what {@code registrars} makes
   * for it. Outputs that a failed run removed may stay recorded.
   */
  public Compaction recordedBy(Supplier<FileRegistrar> registrars) {
    return new Compaction(target.recordedBy(registrars), options);
  }

  /** Only files that may hold matching rows, by partition and column bounds. */
  public Compaction where(Expression filter) {
    return with(options.filter(filter));
  }

  /** The size to aim at (default: {@code write.target-file-size-bytes}). */
  public Compaction targetFileSizeBytes(long bytes) {
    requirePositive("the target file size", bytes);
    return with(options.property("target-file-size-bytes", bytes));
  }

  /** The fewest small files worth rewriting together (default 2 here: small tables count too). */
  public Compaction minInputFiles(int files) {
    requirePositive("the fewest files to merge", files);
    return with(options.property("min-input-files", files));
  }

  /** From which share of deleted rows on, over 0 up to 1, a file is rewritten (default 0.3). */
  public Compaction deleteRatio(double share) {
    if (!(share > 0 && share <= 1)) {
      throw refusal("the delete ratio must be over 0 and at most 1, got " + share);
    }
    return with(options.property("delete-ratio", share));
  }

  /** Leaves files alone that were committed less than this ago (default: none). */
  public Compaction minAge(Duration age) {
    return with(options.property("min-age", age.toSeconds() + "s"));
  }

  /**
   * In partitions with files younger than this only merges small files of like size among
   * themselves (default: in none).
   */
  public Compaction coldAfter(Duration age) {
    return with(options.property("cold-after", age.toSeconds() + "s"));
  }

  /** Rewrites every file, also well-sized ones. */
  public Compaction everything() {
    return with(options.ofEverything());
  }

  /** Rewrites files that are not in the table's sort order, or overlap in it, and sorts them. */
  public Compaction sorted() {
    return with(options.clustering(table -> new Clustering.Sorted(table.sortOrder())));
  }

  /** Rewrites files that are not in a sort order, or overlap in it, and sorts them by it. */
  public Compaction sortBy(SortOrder order) {
    return with(options.clustering(table -> new Clustering.Sorted(order)));
  }

  /** Rewrites files that no run has laid along the Z-order curve of 2 to 8 columns, and does so. */
  public Compaction zOrderBy(List<String> columns) {
    return along(Curve.Z_ORDER, columns);
  }

  /** As {@link #zOrderBy}, along Hilbert's curve: slower, with tighter bounds of files. */
  public Compaction hilbertBy(List<String> columns) {
    return along(Curve.HILBERT, columns);
  }

  private Compaction along(Curve curve, List<String> columns) {
    Clustering asked = new Clustering.Along(curve, columns);
    return with(options.clustering(table -> asked));
  }

  /** The most bytes of source files that a run rewrites (default: any number). */
  public Compaction maxBytes(long bytes) {
    requirePositive("the most bytes", bytes);
    Budget b = options.budget();
    return budget(
        new Budget(
            bytes,
            b.time(),
            b.threads(),
            b.bytesPerSecond(),
            b.groupsPerCommit(),
            b.bytesPerCommit()));
  }

  /**
   * Begins no group that will not be done in time, as far as those before it tell; the first is
   * always begun (default: any time).
   */
  public Compaction maxDuration(Duration time) {
    requirePositive("the longest duration", time.toNanos());
    Budget b = options.budget();
    return budget(
        new Budget(
            b.bytes(),
            time,
            b.threads(),
            b.bytesPerSecond(),
            b.groupsPerCommit(),
            b.bytesPerCommit()));
  }

  /**
   * How many threads work, the calling one included (default: as many as processors; of {@code
   * LakeTable.compact()} half as many).
   */
  public Compaction threads(int count) {
    requirePositive("the number of threads", count);
    Budget b = options.budget();
    return budget(
        new Budget(
            b.bytes(),
            b.time(),
            count,
            b.bytesPerSecond(),
            b.groupsPerCommit(),
            b.bytesPerCommit()));
  }

  /** Reads source files no faster, on average; pauses between files (default: any speed). */
  public Compaction maxBytesPerSecond(long bytes) {
    requirePositive("the most bytes per second", bytes);
    Budget b = options.budget();
    return budget(
        new Budget(
            b.bytes(), b.time(), b.threads(), bytes, b.groupsPerCommit(), b.bytesPerCommit()));
  }

  /** Commits after so many groups (default: once, at the end). */
  public Compaction partialProgress(int groups) {
    return partialProgress(groups, Long.MAX_VALUE);
  }

  /** Commits after so many groups, and earlier once so many bytes of source files are rewritten. */
  public Compaction partialProgress(int groups, long bytes) {
    requirePositive("the groups of a commit", groups);
    requirePositive("the bytes of a commit", bytes);
    Budget b = options.budget();
    return budget(new Budget(b.bytes(), b.time(), b.threads(), b.bytesPerSecond(), groups, bytes));
  }

  public Compaction progress(CompactionProgress told) {
    return with(options.progress(told));
  }

  /** A test's chance to be the other writer: runs before each attempt to commit. */
  Compaction beforeCommit(Runnable hook) {
    return with(options.beforeCommit(hook));
  }

  private Compaction with(CompactionOptions asked) {
    return new Compaction(target, asked);
  }

  private Compaction budget(Budget budget) {
    return with(options.budget(budget));
  }

  /** What {@link #run()} would do now, without writing, and if time allows. */
  public CompactionPlan plan() {
    return target.run(
        () -> {
          List<FileGroup> worthIt = groups(clustering());
          List<FileGroup> chosen = withinBudget(worthIt);
          return new CompactionPlan(
              chosen.stream().map(CompactionPlan.Group::of).toList(),
              worthIt.size() - chosen.size());
        });
  }

  /** Rewrites and commits; makes no snapshot where nothing needs doing. */
  public CompactionResult run() {
    return target.run(this::rewrite);
  }

  private CompactionResult rewrite() {
    target.table().refresh();
    Runnable release = target.hold();
    try {
      Clustering clustering = clustering();
      List<FileGroup> worthIt = groups(clustering);
      List<FileGroup> chosen = withinBudget(worthIt);
      CompactionResult done =
          chosen.isEmpty()
              ? CompactionResult.nothing(0)
              : new CompactionRun(target, chosen, clustering, options).run();
      return done.left(worthIt.size() - chosen.size());
    } finally {
      release.run();
    }
  }

  private Clustering clustering() {
    target.table().refresh();
    Clustering clustering = options.clustering().apply(target.table());
    clustering.check(target.table());
    return clustering;
  }

  private List<FileGroup> groups(Clustering clustering) {
    Table table = target.table();
    // Checks the filter, with a better message than the planner's.
    var unused = new FileTaskReader(table, table.schema(), options.filter());
    Snapshot head = table.currentSnapshot();
    if (head == null) {
      return List.of();
    }
    ScanRequest request =
        new ScanRequest(
            new SnapshotSelector.ById(head.snapshotId()),
            null,
            options.filter(),
            ScanRequest.NO_LIMIT);
    try (CloseableIterable<FileScanTask> files = new TableScanner(table).plan(request)) {
      return new Planner(table, options.criteria(table), clustering, Instant.now()).plan(files);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** In their order, each that still fits. */
  private List<FileGroup> withinBudget(List<FileGroup> groups) {
    List<FileGroup> chosen = new ArrayList<>();
    long left = options.budget().bytes();
    for (FileGroup group : groups) {
      long bytes = group.isMetadataOnly() ? 0 : group.bytes();
      if (bytes <= left) {
        chosen.add(group);
        left -= bytes;
      }
    }
    return chosen;
  }

  private void requirePositive(String what, long value) {
    if (value <= 0) {
      throw refusal(what + " must be positive, got " + value);
    }
  }

  private FirnException refusal(String why) {
    return FirnException.invalid("Cannot compact " + target.table().name() + ": " + why);
  }
}
