package dev.firn.compaction;

import dev.firn.compaction.commit.ChosenDeletes;
import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import dev.firn.format.write.FileRegistrar;
import dev.firn.format.write.RowDeleteWriter;
import dev.firn.scan.BatchCursor;
import dev.firn.scan.FileTaskReader;
import dev.firn.storage.DirectExecutor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.function.LongFunction;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.iceberg.DataOperations;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileContent;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.ManifestFiles;
import org.apache.iceberg.MetadataColumns;
import org.apache.iceberg.RewriteFiles;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotAncestryValidator;
import org.apache.iceberg.Table;
import org.apache.iceberg.events.CreateSnapshotEvent;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.exceptions.CommitStateUnknownException;
import org.apache.iceberg.exceptions.ValidationException;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.io.CloseableIterable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A conversion of the equality deletes of a table's main branch into deletion vectors (v3) or
 * position deletes (v2), which readers apply without looking at keys. Immutable. Works in the
 * calling thread; holds one bit for each row of one data file, and those of the rows found.
 *
 * <p>How it works: every data file that equality deletes apply to is read with them and without,
 * its positions only and what the deletes name; rows that they take are marked, and all equality
 * deletes of the branch go, in one snapshot of operation {@code replace}, since no row comes or
 * goes by it.
 *
 * <p>A deleted row never comes back, and no other goes: the commit is refused where anything but
 * appends came since the table was looked at. Appends are no matter, because equality deletes apply
 * to older files only. Else the table is looked at anew, {@value #ATTEMPTS} times in all.
 *
 * <p>Outcomes of {@code run}: applied; not applied (a conflict: what was written is removed;
 * whatever else failed: it is removed, or left to a sweep); or unknown (nothing is removed).
 */
public final class DeleteConversion {
  static final int ATTEMPTS = 5;
  private static final Logger LOG = LoggerFactory.getLogger(DeleteConversion.class);

  private final Target target;
  private final Runnable beforeCommit;

  private DeleteConversion(Target target, Runnable beforeCommit) {
    this.target = target;
    this.beforeCommit = beforeCommit;
  }

  /**
   * What was, or on a dry run would be, done; {@code snapshotId} is empty where nothing was.
   *
   * @param equalityDeleteFiles how many go
   * @param dataFiles how many had rows that they took
   * @param rows how many rows
   */
  public record Result(
      OptionalLong snapshotId, int equalityDeleteFiles, int dataFiles, long rows) {}

  /** Of a table whose failures leave as they are. Each run has an Arrow root of its own. */
  public static DeleteConversion of(Table table) {
    return new DeleteConversion(Target.of(table, failure -> failure), () -> {});
  }

  /** As {@link Compaction#of(Table, BufferAllocator, UnaryOperator, LongFunction)}. */
  public static DeleteConversion of(
      Table table,
      BufferAllocator allocator,
      UnaryOperator<RuntimeException> failures,
      LongFunction<Runnable> holds) {
    return new DeleteConversion(
        new Target(table, failures, allocator, holds, () -> FileRegistrar.NONE), () -> {});
  }

  /** Tells a registrar of each run of the files that it writes, before they are created. */
  public DeleteConversion recordedBy(Supplier<FileRegistrar> records) {
    return new DeleteConversion(target.recordedBy(records), beforeCommit);
  }

  /** A test's way to let others commit in between. */
  DeleteConversion beforeCommit(Runnable action) {
    return new DeleteConversion(target, action);
  }

  /** What {@link #run()} would do now. Reads as much, changes nothing. */
  public Result dryRun() {
    return target.run(
        () -> {
          target.table().refresh();
          return held(() -> find(equalityDeletes(), each -> {}, FileRegistrar.NONE));
        });
  }

  /** Converts all equality deletes of the main branch. */
  public Result run() {
    return target.run(this::convert);
  }

  private Result convert() {
    FileRegistrar registrar = target.registrars().get();
    for (int attempt = 1; ; attempt++) {
      target.table().refresh();
      try {
        return held(() -> attempt(registrar));
      } catch (ValidationException | CommitFailedException e) {
        if (attempt == ATTEMPTS) {
          throw conflict(e);
        }
      }
    }
  }

  private <T> T held(Supplier<T> work) {
    Runnable release = target.hold();
    try {
      return work.get();
    } finally {
      release.run();
    }
  }

  private Result attempt(FileRegistrar registrar) {
    List<DeleteFile> going = equalityDeletes();
    List<RowDeleteWriter.Result> written = new ArrayList<>();
    Result found = find(going, marks -> written.add(marks.complete()), registrar);
    if (going.isEmpty()) {
      return found;
    }
    RowDeleteWriter.Result marks = written.get(0);
    RewriteFiles rewrite = rewrite(going, marks);
    try {
      beforeCommit.run();
      rewrite.commit();
    } catch (CommitStateUnknownException e) {
      throw unknown(e);
    } catch (ValidationException | CommitFailedException e) {
      remove(marks, registrar);
      throw e;
    }
    return new Result(snapshot(rewrite), going.size(), found.dataFiles(), found.rows());
  }

  /** The commit is applied: what fails here must not look as if it had not been. */
  private OptionalLong snapshot(RewriteFiles rewrite) {
    try {
      return OptionalLong.of(((CreateSnapshotEvent) rewrite.updateEvent()).snapshotId());
    } catch (RuntimeException e) {
      LOG.warn("Converted deletes of {}, which could not be read back", target.table().name(), e);
      return OptionalLong.empty();
    }
  }

  private RewriteFiles rewrite(List<DeleteFile> going, RowDeleteWriter.Result marks) {
    Table table = target.table();
    Snapshot base = Objects.requireNonNull(table.currentSnapshot());
    RewriteFiles rewrite =
        table
            .newRewrite()
            .validateFromSnapshot(base.snapshotId())
            .scanManifestsWith(DirectExecutor.INSTANCE)
            .validateWith(new OnlyAppendsSince(base.snapshotId()));
    going.forEach(rewrite::deleteFile);
    marks.superseded().forEach(rewrite::deleteFile);
    marks.added().forEach(rewrite::addFile);
    return rewrite;
  }

  private void remove(RowDeleteWriter.Result marks, FileRegistrar registrar) {
    List<String> files = marks.added().stream().map(DeleteFile::location).distinct().toList();
    ExpiredFiles.delete(target.table().io(), files);
    registrar.removed(files);
  }

  /** Returns every one in the main branch, also those that apply to no file any more. */
  private List<DeleteFile> equalityDeletes() {
    Table table = target.table();
    Snapshot head = table.currentSnapshot();
    List<DeleteFile> found = new ArrayList<>();
    if (head == null) {
      return found;
    }
    for (ManifestFile manifest : head.deleteManifests(table.io())) {
      try (CloseableIterable<DeleteFile> files =
          ManifestFiles.readDeleteManifest(manifest, table.io(), table.specs())) {
        for (DeleteFile file : files) {
          if (file.content() == FileContent.EQUALITY_DELETES) {
            found.add(file.copy());
          }
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return found;
  }

  /** Marks what the deletes take, and gives it to {@code found}, where there are any deletes. */
  private Result find(
      List<DeleteFile> going, Consumer<RowDeleteWriter> found, FileRegistrar registrar) {
    if (going.isEmpty()) {
      return new Result(OptionalLong.empty(), 0, 0, 0);
    }
    Table table = target.table();
    int dataFiles = 0;
    long rows = 0;
    try (BufferAllocator allocator = target.memory();
        RowDeleteWriter marks = RowDeleteWriter.open(table, registrar);
        CloseableIterable<FileScanTask> tasks =
            table.newScan().planWith(DirectExecutor.INSTANCE).planFiles()) {
      FileTaskReader positions =
          new FileTaskReader(
              table, new Schema(MetadataColumns.ROW_POSITION), Expressions.alwaysTrue());
      for (FileScanTask task : tasks) {
        long taken = isHit(task) ? mark(task, positions, allocator, marks) : 0;
        rows += taken;
        dataFiles += taken > 0 ? 1 : 0;
      }
      found.accept(marks);
      return new Result(OptionalLong.empty(), going.size(), dataFiles, rows);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean isHit(FileScanTask task) {
    return task.deletes().stream().anyMatch(file -> file.content() == FileContent.EQUALITY_DELETES);
  }

  private static List<DeleteFile> positions(FileScanTask task) {
    return task.deletes().stream()
        .filter(file -> file.content() == FileContent.POSITION_DELETES)
        .toList();
  }

  private static long mark(
      FileScanTask task, FileTaskReader reader, BufferAllocator allocator, RowDeleteWriter marks) {
    BitSet live = new BitSet(Math.toIntExact(task.file().recordCount()));
    forEach(reader.openArrow(task, allocator), position -> live.set(Math.toIntExact(position)));
    long[] taken = {0};
    forEach(
        reader.openArrow(new ChosenDeletes(task.file(), task.spec(), positions(task)), allocator),
        position -> {
          if (!live.get(Math.toIntExact(position))) {
            marks.delete(task, position);
            taken[0]++;
          }
        });
    return taken[0];
  }

  private static void forEach(BatchCursor rows, LongConsumer each) {
    try (rows) {
      while (rows.next()) {
        BigIntVector batch = (BigIntVector) rows.root().getVector(0);
        for (int i = 0; i < batch.getValueCount(); i++) {
          each.accept(batch.get(i));
        }
      }
    }
  }

  private FirnException conflict(RuntimeException last) {
    return new FirnException(
        ErrorKind.CONFLICT,
        "Cannot convert equality deletes of "
            + target.table().name()
            + ": other writers kept changing rows first; nothing was changed; run again",
        last);
  }

  private FirnException unknown(CommitStateUnknownException e) {
    return new FirnException(
        ErrorKind.COMMIT_STATE_UNKNOWN,
        "Cannot tell whether equality deletes of "
            + target.table().name()
            + " were converted: the catalog did not answer; no file was removed, and no row is"
            + " concerned either way",
        e);
  }

  /** Whether what came since takes no rows and removes no files. */
  private record OnlyAppendsSince(long base) implements SnapshotAncestryValidator {
    @Override
    public boolean validate(Iterable<Snapshot> newestFirst) {
      for (Snapshot snapshot : newestFirst) {
        if (snapshot.snapshotId() == base) {
          return true;
        }
        if (!DataOperations.APPEND.equals(snapshot.operation())) {
          return false;
        }
      }
      return false;
    }

    @Override
    public String errorMessage() {
      return "rows were changed since snapshot " + base;
    }
  }
}
