package dev.firn.compaction.erase;

import dev.firn.compaction.ExpiredFiles;
import dev.firn.error.FirnException;
import dev.firn.format.write.DataWriter;
import dev.firn.format.write.FileRegistrar;
import dev.firn.format.write.WriteOptions;
import dev.firn.scan.BatchCursor;
import dev.firn.scan.FileTaskReader;
import dev.firn.scan.ScanRequest;
import dev.firn.scan.SnapshotSelector;
import dev.firn.scan.TableScanner;
import dev.firn.scan.TaskCursors;
import dev.firn.storage.DirectExecutor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataOperations;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileContent;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.ManifestFiles;
import org.apache.iceberg.ManifestReader;
import org.apache.iceberg.MetadataColumns;
import org.apache.iceberg.RewriteFiles;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotAncestryValidator;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableUtil;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.exceptions.ValidationException;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.util.ContentFileUtil;

/**
 * Writes a branch's files anew without their deleted rows: those that hold rows to erase, and those
 * that delete files apply to which hold values of such rows and go. Row ids stay, on v3. Confined
 * to one thread.
 *
 * <p>The rows to erase have been deleted before, so one snapshot of operation {@code replace} does
 * it, in which no row comes or goes. Whoever deletes rows of the same files meanwhile makes it
 * start over, {@value #ATTEMPTS} times in all; appends do not.
 */
final class BranchRewrite {
  private static final int ATTEMPTS = 5;

  private final Table table;
  private final BufferAllocator allocator;
  private final FileRegistrar registrar;
  private final Runnable beforeCommit;

  private BranchRewrite(Erasure.Settings settings, BufferAllocator allocator) {
    this.table = settings.context().load();
    this.registrar = settings.context().registrar(table);
    this.allocator = allocator;
    this.beforeCommit = settings.beforeCommit();
  }

  /** What is to be replaced. */
  private record Sources(List<FileScanTask> data, Map<String, DeleteFile> deletes) {
    boolean isEmpty() {
      return data.isEmpty() && deletes.isEmpty();
    }
  }

  /** Returns how many data files were replaced. */
  static int run(
      Erasure.Settings settings, BufferAllocator allocator, String branch, Findings findings) {
    for (int attempt = 1; ; attempt++) {
      try {
        return new BranchRewrite(settings, allocator).attempt(branch, findings);
      } catch (ValidationException | CommitFailedException e) {
        if (attempt == ATTEMPTS) {
          throw new CommitFailedException(
              e,
              "in each of %d attempts another writer changed files of branch %s first, last: %s; no row is concerned: run again when there is less writing",
              ATTEMPTS,
              branch,
              e.getMessage());
        }
      }
    }
  }

  private int attempt(String branch, Findings findings) {
    Snapshot head = table.snapshot(branch);
    if (head == null) {
      return 0;
    }
    Sources sources = sources(head, findings);
    if (!sources.isEmpty()) {
      replace(branch, head, sources);
    }
    return sources.data().size();
  }

  private Sources sources(Snapshot head, Findings findings) {
    Map<String, DeleteFile> deletes = new LinkedHashMap<>();
    for (ManifestFile manifest : head.deleteManifests(table.io())) {
      addCondemned(manifest, findings, deletes);
    }
    List<FileScanTask> data = new ArrayList<>();
    ScanRequest all =
        new ScanRequest(
            new SnapshotSelector.ById(head.snapshotId()),
            null,
            Expressions.alwaysTrue(),
            ScanRequest.NO_LIMIT);
    try (CloseableIterable<FileScanTask> tasks = new TableScanner(table).plan(all)) {
      for (FileScanTask task : tasks) {
        if (findings.condemns(task.file().location())
            || task.deletes().stream().anyMatch(file -> deletes.containsKey(file.location()))) {
          data.add(task);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    data.forEach(task -> addOwn(task, deletes));
    return new Sources(data, deletes);
  }

  private void addCondemned(
      ManifestFile manifest, Findings findings, Map<String, DeleteFile> deletes) {
    try (ManifestReader<DeleteFile> files =
        ManifestFiles.readDeleteManifest(manifest, table.io(), table.specs())) {
      for (DeleteFile file : files) {
        if (findings.deleteFiles().containsKey(file.location())) {
          deletes.put(file.location(), file.copy());
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Iceberg itself takes away the deletion vectors of removed files. */
  private static void addOwn(FileScanTask task, Map<String, DeleteFile> deletes) {
    for (DeleteFile file : task.deletes()) {
      if (file.content() == FileContent.POSITION_DELETES
          && file.format() != FileFormat.PUFFIN
          && ContentFileUtil.isFileScoped(file)) {
        deletes.put(file.location(), file);
      }
    }
  }

  private void replace(String branch, Snapshot head, Sources sources) {
    List<DataFile> outputs = write(sources.data());
    RewriteFiles rewrite =
        table
            .newRewrite()
            .validateFromSnapshot(head.snapshotId())
            .scanManifestsWith(DirectExecutor.INSTANCE)
            .toBranch(branch);
    sources.data().forEach(task -> rewrite.deleteFile(task.file()));
    outputs.forEach(rewrite::addFile);
    sources.deletes().values().forEach(rewrite::deleteFile);
    if (takesKeys(sources.deletes().values())) {
      rewrite.validateWith(new OnlyNewRowsSince(head.snapshotId()));
    }
    try {
      beforeCommit.run();
      rewrite.commit();
    } catch (ValidationException | CommitFailedException e) {
      List<String> written = outputs.stream().map(DataFile::location).toList();
      ExpiredFiles.delete(table.io(), written);
      registrar.removed(written);
      throw e;
    }
  }

  private static boolean takesKeys(Collection<DeleteFile> deletes) {
    return deletes.stream().anyMatch(file -> file.content() == FileContent.EQUALITY_DELETES);
  }

  private List<DataFile> write(List<FileScanTask> sources) {
    if (sources.isEmpty()) {
      return List.of();
    }
    Schema schema =
        TableUtil.supportsRowLineage(table)
            ? MetadataColumns.schemaWithRowLineage(table.schema())
            : table.schema();
    WriteOptions options =
        new WriteOptions(schema, table.spec(), null)
            .withRegistrar(registrar)
            .withAllocator(allocator);
    FileTaskReader reader = new FileTaskReader(table, schema, Expressions.alwaysTrue());
    try (DataWriter writer = DataWriter.open(table, options);
        TaskCursors cursors = reader.inOrder(sources.iterator(), allocator)) {
      for (FileScanTask source : sources) {
        copy(source, Objects.requireNonNull(cursors.next()), writer);
      }
      long rows = writer.rows();
      List<DataFile> outputs = List.copyOf(writer.complete());
      long written = outputs.stream().mapToLong(DataFile::recordCount).sum();
      if (written != rows) {
        ExpiredFiles.delete(table.io(), outputs.stream().map(DataFile::location).toList());
        throw wrong(sources.get(0), "rows written", rows, written);
      }
      return outputs;
    }
  }

  /** The count of live rows is known exactly where only deletion vectors apply. */
  private static void copy(FileScanTask source, BatchCursor batches, DataWriter writer) {
    long rows = 0;
    try (batches) {
      while (batches.next()) {
        writer.write(batches.root());
        rows += batches.root().getRowCount();
      }
    }
    long stored = source.file().recordCount();
    boolean exact = source.deletes().stream().allMatch(ContentFileUtil::isDV);
    long deleted = source.deletes().stream().mapToLong(DeleteFile::recordCount).sum();
    if (exact ? rows != stored - deleted : rows > stored) {
      throw wrong(source, "live rows", exact ? stored - deleted : stored, rows);
    }
  }

  private static FirnException wrong(FileScanTask source, String what, long expected, long found) {
    return FirnException.corrupt(
        "Cannot erase: the count of %s is wrong, expected %d, got %d; no file was replaced [%s]"
            .formatted(what, expected, found, source.file().location()),
        new IllegalStateException("rows do not add up"));
  }

  /**
   * Whether no file came since that equality deletes which go would apply to: another rewrite's,
   * which keeps the age of its sources.
   */
  private record OnlyNewRowsSince(long base) implements SnapshotAncestryValidator {
    @Override
    public boolean validate(Iterable<Snapshot> newestFirst) {
      for (Snapshot snapshot : newestFirst) {
        if (snapshot.snapshotId() == base) {
          return true;
        }
        if (DataOperations.REPLACE.equals(snapshot.operation())) {
          return false;
        }
      }
      return false;
    }

    @Override
    public String errorMessage() {
      return "files were rewritten since snapshot " + base;
    }
  }
}
