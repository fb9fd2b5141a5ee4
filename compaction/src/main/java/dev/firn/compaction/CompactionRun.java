package dev.firn.compaction;

import dev.firn.compaction.plan.FileGroup;
import dev.firn.compaction.rewrite.RewriteOptions;
import dev.firn.compaction.rewrite.Rewriter;
import dev.firn.compaction.rewrite.Rewritten;
import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import dev.firn.format.write.FileRegistrar;
import dev.firn.scan.ScanRequest;
import dev.firn.scan.SnapshotSelector;
import dev.firn.scan.TableScanner;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.RewriteFiles;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.actions.RewriteFileGroup;
import org.apache.iceberg.exceptions.CleanableFailure;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.exceptions.CommitStateUnknownException;
import org.apache.iceberg.exceptions.ValidationException;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.io.CloseableIterable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One run of a compaction: rewrite, commit, and after a conflict look again. Confined to one
 * thread.
 *
 * <p>How it works: outputs get the commit's own data sequence number, so deletes of the past do not
 * apply to them, and every delete that landed meanwhile, by equality too, is a conflict. Iceberg
 * offers to give outputs the number of the snapshot they were read at instead, so that equality
 * deletes in between go on applying; but 1.11.0 drops such a delete file in the same commit where
 * every file left in the table is newer than it, and the deleted rows come back; and an equality
 * delete written for a partition of an older spec does not reach outputs in the current one.
 */
final class CompactionRun {
  /** Marks our snapshot, so that it is found among other writers'. */
  private static final String OPERATION_ID = "firn.operation-id";

  private static final Logger LOG = LoggerFactory.getLogger(CompactionRun.class);

  private final Table table;
  private final List<RewriteFileGroup> groups;
  private final BufferAllocator allocator;
  private final FileRegistrar registrar;
  private final CompactionProgress progress;
  private final Runnable beforeCommit;
  private final String operationId = UUID.randomUUID().toString();
  private final List<Rewritten> done = new ArrayList<>();
  private Snapshot base;
  private int conflicts;
  private boolean committing;
  private long bytesDone;
  private long rowsDone;

  CompactionRun(
      Table table,
      List<RewriteFileGroup> groups,
      BufferAllocator allocator,
      FileRegistrar registrar,
      CompactionProgress progress,
      Runnable beforeCommit) {
    this.table = table;
    this.groups = groups;
    this.allocator = allocator;
    this.registrar = registrar;
    this.progress = progress;
    this.beforeCommit = beforeCommit;
    this.base = table.currentSnapshot();
  }

  CompactionResult run() {
    try {
      for (RewriteFileGroup group : groups) {
        List<FileScanTask> sources = group.fileScanTasks();
        int outputs = group.expectedOutputFiles();
        done.add(rewrite(new FileGroup("", sources, group.inputSplitSize(), outputs)));
      }
      return commit();
    } catch (CommitStateUnknownException e) {
      throw unknown(e);
    } catch (RuntimeException | Error e) {
      if (isKnownUncommitted(e)) {
        removeOutputs(done);
      }
      throw e;
    } finally {
      done.forEach(group -> group.rows().close());
    }
  }

  /** Only {@code RewriteFiles.commit} fails in ways that leave its outcome open. */
  private boolean isKnownUncommitted(Throwable e) {
    return !committing
        || e instanceof CleanableFailure
        || (e instanceof UncheckedIOException && isAbsent());
  }

  /** The store fails before the swap, while manifests and metadata are written; still, look. */
  private boolean isAbsent() {
    try {
      table.refresh();
      return snapshotId().isEmpty();
    } catch (RuntimeException e) {
      return false;
    }
  }

  private CompactionResult commit() {
    for (int attempt = 1; ; attempt++) {
      if (done.isEmpty()) {
        return CompactionResult.nothing(conflicts);
      }
      Set<DeleteFile> dangling = danglingDeletes();
      beforeCommit.run();
      try {
        committing = true;
        rewriteFiles(dangling).commit();
        return result(dangling.size());
      } catch (ValidationException | CommitFailedException e) {
        committing = false;
        conflicts++;
        if (attempt == Compaction.ATTEMPTS) {
          throw conflict(e);
        }
        lookAgain();
      }
    }
  }

  private Rewritten rewrite(FileGroup group) {
    long total = groups.stream().mapToLong(RewriteFileGroup::inputFilesSizeInBytes).sum();
    RewriteOptions options =
        RewriteOptions.of(allocator)
            .recordedBy(registrar)
            .progress((bytes, rows) -> tell(total, bytes, rows));
    try (Rewriter rewriter = Rewriter.open(table, options)) {
      return rewriter.rewrite(group);
    }
  }

  /** Files read a second time count once. */
  private void tell(long bytesTotal, long bytes, long rows) {
    bytesDone = Math.min(bytesTotal, bytesDone + bytes);
    rowsDone += rows;
    progress.update(bytesDone, bytesTotal, rowsDone);
  }

  private RewriteFiles rewriteFiles(Set<DeleteFile> dangling) {
    RewriteFiles rewrite =
        table.newRewrite().validateFromSnapshot(base.snapshotId()).set(OPERATION_ID, operationId);
    for (Rewritten group : done) {
      group.group().sources().forEach(source -> rewrite.deleteFile(source.file()));
      group.outputs().forEach(rewrite::addFile);
    }
    dangling.forEach(rewrite::deleteFile);
    return rewrite;
  }

  /** Keeps what was rewritten from files that still are as they were read; redoes the rest. */
  private void lookAgain() {
    table.refresh();
    base = table.currentSnapshot();
    if (base == null) {
      throw conflict(new ValidationException("the table has been emptied"));
    }
    Map<String, FileScanTask> live = liveSources();
    List<Rewritten> before = List.copyOf(done);
    for (Rewritten group : before) {
      if (isCurrent(group, live)) {
        continue;
      }
      done.remove(group);
      removeOutputs(List.of(group));
      group.rows().close();
      List<FileScanTask> left = new ArrayList<>();
      for (FileScanTask source : group.group().sources()) {
        FileScanTask now = live.get(source.file().location());
        if (now != null) {
          left.add(now);
        }
      }
      if (!left.isEmpty()) {
        done.add(rewrite(new FileGroup("", left, group.group().fileBytes(), 1)));
      }
    }
  }

  /** Whether every source is still live, under the same deletes. */
  private static boolean isCurrent(Rewritten group, Map<String, FileScanTask> live) {
    for (FileScanTask source : group.group().sources()) {
      FileScanTask now = live.get(source.file().location());
      if (now == null || !deletes(now).equals(deletes(source))) {
        return false;
      }
    }
    return true;
  }

  private static Set<String> deletes(FileScanTask task) {
    Set<String> deletes = new HashSet<>();
    task.deletes().forEach(delete -> deletes.add(key(delete)));
    return deletes;
  }

  private Map<String, FileScanTask> liveSources() {
    Set<String> sources = sourceLocations();
    Map<String, FileScanTask> live = new HashMap<>();
    forEachLiveFile(
        task -> {
          if (sources.contains(task.file().location())) {
            live.put(task.file().location(), task);
          }
        });
    return live;
  }

  private Set<String> sourceLocations() {
    Set<String> sources = new HashSet<>();
    for (Rewritten group : done) {
      group.group().sources().forEach(source -> sources.add(source.file().location()));
    }
    return sources;
  }

  /** Delete files of the sources that apply to no other live file. */
  private Set<DeleteFile> danglingDeletes() {
    Set<String> sources = sourceLocations();
    Map<String, DeleteFile> deletes = new HashMap<>();
    for (Rewritten group : done) {
      for (FileScanTask source : group.group().sources()) {
        source.deletes().forEach(delete -> deletes.put(key(delete), delete));
      }
    }
    if (!deletes.isEmpty()) {
      forEachLiveFile(
          task -> {
            if (!sources.contains(task.file().location())) {
              task.deletes().forEach(delete -> deletes.remove(key(delete)));
            }
          });
    }
    return new HashSet<>(deletes.values());
  }

  private void forEachLiveFile(Consumer<FileScanTask> each) {
    ScanRequest everything =
        new ScanRequest(
            new SnapshotSelector.ById(base.snapshotId()),
            null,
            Expressions.alwaysTrue(),
            ScanRequest.NO_LIMIT);
    try (CloseableIterable<FileScanTask> plan = new TableScanner(table).plan(everything)) {
      plan.forEach(each);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String key(DeleteFile delete) {
    return delete.location() + "#" + delete.contentOffset();
  }

  private CompactionResult result(int deleteFilesRemoved) {
    int filesBefore = 0;
    int filesAfter = 0;
    long bytesBefore = 0;
    long bytesAfter = 0;
    long rows = 0;
    for (Rewritten group : done) {
      filesBefore += group.group().sources().size();
      filesAfter += group.outputs().size();
      rows += group.content().rows();
      for (FileScanTask source : group.group().sources()) {
        bytesBefore += source.file().fileSizeInBytes();
      }
      for (DataFile output : group.outputs()) {
        bytesAfter += output.fileSizeInBytes();
      }
    }
    CompactionResult result =
        new CompactionResult(
            snapshotId(),
            filesBefore,
            filesAfter,
            deleteFilesRemoved,
            bytesBefore,
            bytesAfter,
            rows,
            conflicts);
    LOG.info("Compacted {}: {}", table.name(), result);
    return result;
  }

  private OptionalLong snapshotId() {
    for (Snapshot snapshot : table.snapshots()) {
      if (operationId.equals(snapshot.summary().get(OPERATION_ID))) {
        return OptionalLong.of(snapshot.snapshotId());
      }
    }
    return OptionalLong.empty();
  }

  private void removeOutputs(List<Rewritten> groups) {
    for (Rewritten group : groups) {
      ExpiredFiles.delete(table.io(), group.outputs().stream().map(DataFile::location).toList());
    }
  }

  private FirnException conflict(RuntimeException last) {
    return new FirnException(
        ErrorKind.CONFLICT,
        "Cannot compact "
            + table.name()
            + ": in each of "
            + Compaction.ATTEMPTS
            + " attempts another writer changed the files being merged first, last: "
            + last.getMessage()
            + "; nothing was changed and nothing is lost: run again when there is less writing, or"
            + " on fewer files (where)",
        last);
  }

  private FirnException unknown(CommitStateUnknownException e) {
    return new FirnException(
        ErrorKind.COMMIT_STATE_UNKNOWN,
        "Cannot tell whether the compaction of "
            + table.name()
            + " was committed: the catalog did not answer; no file was removed; it was if a"
            + " snapshot's summary has "
            + OPERATION_ID
            + "="
            + operationId,
        e);
  }
}
