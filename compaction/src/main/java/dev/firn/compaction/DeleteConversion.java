package dev.firn.compaction;

import dev.firn.compaction.maintain.Drift;
import dev.firn.compaction.maintain.EqualityMarks;
import dev.firn.compaction.maintain.ManifestFileReads;
import dev.firn.compaction.maintain.PositionDeleteTasks;
import dev.firn.format.write.FileRegistrar;
import dev.firn.format.write.RowDeleteWriter;
import dev.firn.storage.DirectExecutor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.LongFunction;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileContent;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.RewriteFiles;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableUtil;
import org.apache.iceberg.deletes.PositionDeleteIndex;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.exceptions.ValidationException;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.util.ContentFileUtil;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A conversion of delete files of a table's main branch into such as readers apply faster.
 * Immutable. Works in the calling thread; holds a bitmap of the rows concerned of each data file.
 *
 * <ul>
 *   <li>Equality deletes, which readers compare row by row, become deletion vectors (v3) or
 *       position deletes (v2).
 *   <li>Position delete files become deletion vectors on v3 tables, which have them from before an
 *       upgrade; on v2 tables those of one data file become one.
 * </ul>
 *
 * <p>It is one snapshot of operation {@code replace}, since no row comes or goes by it.
 *
 * <p>A deleted row never comes back, and no other goes. What others commit meanwhile is looked at
 * before the swap, manifest by manifest: the commit is refused where one of the data files marked
 * went or got a vector, or where a data file came that one of the delete files that go applies to.
 * Then the table is looked at anew, {@value #ATTEMPTS} times in all; the new vectors take what came
 * in, and no data file is read again unless other equality deletes apply to it now. Whatever else
 * comes, appends and deletes too, is no matter; what came too late waits for the next run.
 *
 * <p>Outcomes of {@code run}: applied; not applied (a conflict: what was written is removed;
 * whatever else failed: it is removed, or left to a sweep); or unknown (nothing is removed).
 */
public final class DeleteConversion {
  static final int ATTEMPTS = 10;
  private static final Logger LOG = LoggerFactory.getLogger(DeleteConversion.class);

  private final Target target;
  private final Kind kind;
  private final Runnable eachFile;
  private final Runnable beforeCommit;

  private DeleteConversion(Target target, Kind kind, Runnable eachFile, Runnable beforeCommit) {
    this.target = target;
    this.kind = kind;
    this.eachFile = eachFile;
    this.beforeCommit = beforeCommit;
  }

  /** Which delete files are converted. */
  public enum Kind {
    EQUALITY,
    POSITION,
    ALL
  }

  /**
   * What was, or on a dry run would be, done; {@code snapshotId} is empty where nothing was.
   *
   * @param equalityDeleteFiles how many go
   * @param positionDeleteFiles how many go because they were asked to be converted; no vectors
   * @param dataFiles how many have rows that go by other deletes than before
   * @param rows how many rows the equality deletes took
   */
  public record Result(
      OptionalLong snapshotId,
      int equalityDeleteFiles,
      int positionDeleteFiles,
      int dataFiles,
      long rows) {
    private Result committed(OptionalLong snapshot) {
      return new Result(snapshot, equalityDeleteFiles, positionDeleteFiles, dataFiles, rows);
    }

    /** Whether there was nothing to convert. */
    public boolean isNothing() {
      return equalityDeleteFiles == 0 && positionDeleteFiles == 0;
    }
  }

  /** Of a table whose failures leave as they are. Each run has an Arrow root of its own. */
  public static DeleteConversion of(Table table) {
    return of(Target.of(table, failure -> failure));
  }

  /** As {@link Compaction#of(Table, BufferAllocator, UnaryOperator, LongFunction)}. */
  public static DeleteConversion of(
      Table table,
      BufferAllocator allocator,
      UnaryOperator<RuntimeException> failures,
      LongFunction<Runnable> holds) {
    return of(new Target(table, failures, allocator, holds, () -> FileRegistrar.NONE));
  }

  private static DeleteConversion of(Target target) {
    return new DeleteConversion(target, Kind.EQUALITY, () -> {}, () -> {});
  }

  /** Tells a registrar of each run of the files that it writes, before they are created. */
  public DeleteConversion recordedBy(Supplier<FileRegistrar> records) {
    return new DeleteConversion(target.recordedBy(records), kind, eachFile, beforeCommit);
  }

  /** Which delete files (default: {@link Kind#EQUALITY}). */
  public DeleteConversion kind(Kind newKind) {
    return new DeleteConversion(target, newKind, eachFile, beforeCommit);
  }

  /** Called for each data file before it is read or its deletes written; may throw to end it. */
  public DeleteConversion progress(Runnable forEachFile) {
    return new DeleteConversion(target, kind, forEachFile, beforeCommit);
  }

  /** A test's way to let others commit in between. */
  DeleteConversion beforeCommit(Runnable action) {
    return new DeleteConversion(target, kind, eachFile, action);
  }

  /** What {@link #run()} would do now. Reads as much, changes nothing. */
  public Result dryRun() {
    return work().once(() -> count(find(new EqualityMarks())));
  }

  /** Converts all delete files of the kind in the main branch that are worth it. */
  public Result run() {
    FileRegistrar registrar = target.registrars().get();
    EqualityMarks marks = new EqualityMarks();
    return work().retried(() -> attempt(marks, registrar));
  }

  private HeadWork work() {
    return new HeadWork(target, "convert deletes of", ATTEMPTS);
  }

  /** Data files with the rows that equality deletes take of them. */
  private record Marked(FileScanTask task, PositionDeleteIndex rows) {}

  /** What there is to convert at the head that was looked at. */
  private record Found(
      List<DeleteFile> equality, List<Marked> marked, PositionDeleteTasks positions) {
    List<DeleteFile> going() {
      List<DeleteFile> going = new ArrayList<>(equality);
      going.addAll(positions.going());
      return going;
    }
  }

  private static Result count(Found found) {
    Set<String> dataFiles = new HashSet<>();
    long rows = 0;
    for (Marked each : found.marked()) {
      dataFiles.add(each.task().file().location());
      rows += each.rows().cardinality();
    }
    found.positions().tasks().forEach(task -> dataFiles.add(task.file().location()));
    return new Result(
        OptionalLong.empty(),
        found.equality().size(),
        found.positions().going().size(),
        dataFiles.size(),
        rows);
  }

  private Found find(EqualityMarks marks) {
    Table table = target.table();
    List<DeleteFile> deletes = ManifestFileReads.deletes(table, table.currentSnapshot());
    List<DeleteFile> equality =
        kind == Kind.POSITION
            ? List.of()
            : deletes.stream().filter(d -> d.content() == FileContent.EQUALITY_DELETES).toList();
    boolean positions =
        kind != Kind.EQUALITY && deletes.stream().anyMatch(PositionDeleteTasks::isFile);
    List<Marked> marked = new ArrayList<>();
    List<FileScanTask> byPosition = new ArrayList<>();
    if (equality.isEmpty() && !positions) {
      return new Found(equality, marked, PositionDeleteTasks.NONE);
    }
    try (BufferAllocator allocator = target.memory();
        CloseableIterable<FileScanTask> tasks =
            table.newScan().planWith(DirectExecutor.INSTANCE).planFiles()) {
      for (FileScanTask task : tasks) {
        eachFile.run();
        if (!equality.isEmpty() && EqualityMarks.concern(task)) {
          PositionDeleteIndex rows = marks.of(table, task, allocator);
          if (!rows.isEmpty()) {
            marked.add(new Marked(task, rows));
          }
        }
        if (positions && task.deletes().stream().anyMatch(PositionDeleteTasks::isFile)) {
          byPosition.add(task);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new Found(
        equality,
        marked,
        positions ? worthIt(byPosition, marked, deletes) : PositionDeleteTasks.NONE);
  }

  private PositionDeleteTasks worthIt(
      List<FileScanTask> tasks, List<Marked> marked, List<DeleteFile> deletes) {
    if (TableUtil.formatVersion(target.table()) >= 3) {
      return PositionDeleteTasks.all(tasks, deletes);
    }
    Set<String> growing = new HashSet<>();
    marked.forEach(each -> growing.add(each.task().file().location()));
    return PositionDeleteTasks.crowded(tasks, growing);
  }

  private Result attempt(EqualityMarks marks, FileRegistrar registrar) {
    Found found = find(marks);
    Result result = count(found);
    if (result.isNothing()) {
      return result;
    }
    RowDeleteWriter.Result written = write(found, registrar);
    RewriteFiles rewrite = rewrite(found, written);
    try {
      beforeCommit.run();
      rewrite.commit();
    } catch (ValidationException | CommitFailedException e) {
      remove(written, registrar);
      throw e;
    }
    Result applied = result.committed(work().snapshot(rewrite));
    LOG.info("Converted deletes of {}: {}", target.table().name(), applied);
    return applied;
  }

  private RowDeleteWriter.Result write(Found found, FileRegistrar registrar) {
    try (RowDeleteWriter writer = RowDeleteWriter.open(target.table(), registrar)) {
      for (Marked each : found.marked()) {
        eachFile.run();
        each.rows().forEach(position -> writer.delete(each.task(), position));
      }
      for (FileScanTask each : found.positions().tasks()) {
        eachFile.run();
        writer.rewrite(each);
      }
      return writer.complete();
    }
  }

  private RewriteFiles rewrite(Found found, RowDeleteWriter.Result written) {
    Table table = target.table();
    Snapshot base = Objects.requireNonNull(table.currentSnapshot());
    List<DeleteFile> going = found.going();
    Set<String> marked = new HashSet<>(written.referencedDataFiles());
    RewriteFiles rewrite =
        table
            .newRewrite()
            .scanManifestsWith(DirectExecutor.INSTANCE)
            .validateWith(Drift.check(table, base, since -> isNoMatter(since, going, marked)));
    Set<String> keys = new HashSet<>();
    going.stream().filter(delete -> keys.add(Drift.key(delete))).forEach(rewrite::deleteFile);
    written.superseded().stream()
        .filter(delete -> keys.add(Drift.key(delete)))
        .forEach(rewrite::deleteFile);
    written.added().forEach(rewrite::addFile);
    return rewrite;
  }

  /** That those which go are still there, Iceberg checks. */
  private boolean isNoMatter(Drift since, List<DeleteFile> going, Set<String> marked) {
    return since.dataGone().stream().noneMatch(marked::contains)
        && since.deletesCame().stream()
            .filter(ContentFileUtil::isDV)
            .noneMatch(vector -> marked.contains(String.valueOf(vector.referencedDataFile())))
        && since.noneReachedBy(target.table(), going);
  }

  private void remove(RowDeleteWriter.Result marks, FileRegistrar registrar) {
    List<String> files = marks.added().stream().map(DeleteFile::location).distinct().toList();
    ExpiredFiles.delete(target.table().io(), files);
    registrar.removed(files);
  }
}
