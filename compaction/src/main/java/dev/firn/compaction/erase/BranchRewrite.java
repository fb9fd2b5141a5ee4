package dev.firn.compaction.erase;

import dev.firn.compaction.commit.RewriteCommit;
import dev.firn.compaction.plan.Criteria;
import dev.firn.compaction.plan.FileGroup;
import dev.firn.compaction.rewrite.RewriteOptions;
import dev.firn.compaction.rewrite.Rewriter;
import dev.firn.compaction.rewrite.Rewritten;
import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import dev.firn.format.write.FileRegistrar;
import dev.firn.format.write.WrittenFiles;
import dev.firn.scan.ScanRequest;
import dev.firn.scan.SnapshotSelector;
import dev.firn.scan.TableScanner;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.ManifestFiles;
import org.apache.iceberg.ManifestReader;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.io.CloseableIterable;

/**
 * Writes a branch's files anew without their deleted rows: those that hold rows to erase, and those
 * that delete files apply to which hold values of such rows and go. Row ids stay, on v3. Confined
 * to one thread.
 *
 * <p>How it works: as a compaction does it. Files are read and written once, some gigabytes for
 * each commit, and what is written is read back and compared. What others do to the files meanwhile
 * is carried over to what was written, so no writer can make it start over; only a rollback, or a
 * change of the format, can, {@value #ATTEMPTS} times in all.
 */
final class BranchRewrite {
  private static final int ATTEMPTS = 3;

  private final Erasure.Settings settings;
  private final BufferAllocator allocator;
  private final String branch;

  private BranchRewrite(Erasure.Settings settings, BufferAllocator allocator, String branch) {
    this.settings = settings;
    this.allocator = allocator;
    this.branch = branch;
  }

  /** What is to be replaced. */
  private record Sources(Snapshot head, List<FileGroup> groups, Collection<DeleteFile> deletes) {}

  /** Returns how many data files were replaced. */
  static int run(
      Erasure.Settings settings, BufferAllocator allocator, String branch, Findings findings) {
    BranchRewrite rewrite = new BranchRewrite(settings, allocator, branch);
    for (int attempt = 1; ; attempt++) {
      try {
        return rewrite.attempt(findings);
      } catch (FirnException e) {
        if (e.kind() != ErrorKind.CONFLICT || attempt == ATTEMPTS) {
          throw new FirnException(
              e.kind(),
              "Cannot erase from branch %s of %s: %s"
                  .formatted(branch, settings.table().name(), e.getMessage()),
              e);
        }
      }
    }
  }

  private int attempt(Findings findings) {
    Table table = BranchOperations.of(settings.context().load(), branch);
    Snapshot head = table.currentSnapshot();
    if (head == null) {
      return 0;
    }
    Runnable release = settings.context().hold(head.sequenceNumber());
    try {
      return replace(table, sources(table, head, findings));
    } finally {
      release.run();
    }
  }

  private int replace(Table table, Sources sources) {
    long most = Criteria.of(table.properties()).maxGroupBytes();
    int done = 0;
    List<FileGroup> together = new ArrayList<>();
    long bytes = 0;
    for (FileGroup group : sources.groups()) {
      together.add(group);
      bytes += group.bytes();
      if (bytes >= most) {
        done += replace(sources, together);
        together.clear();
        bytes = 0;
      }
    }
    boolean left = !together.isEmpty() || (done == 0 && !sources.deletes().isEmpty());
    return left ? done + replace(sources, together) : done;
  }

  private Sources sources(Table table, Snapshot head, Findings findings) {
    Map<String, DeleteFile> deletes = new LinkedHashMap<>();
    for (ManifestFile manifest : head.deleteManifests(table.io())) {
      addCondemned(table, manifest, findings, deletes);
    }
    Map<String, List<FileScanTask>> partitions = new LinkedHashMap<>();
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
          String partition = task.spec().partitionToPath(task.file().partition());
          partitions
              .computeIfAbsent(task.spec().specId() + "/" + partition, p -> new ArrayList<>())
              .add(task);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new Sources(head, groups(table, partitions), List.copyOf(deletes.values()));
  }

  /** Groups of a partition each, none of them larger than a compaction's. */
  private static List<FileGroup> groups(Table table, Map<String, List<FileScanTask>> partitions) {
    Criteria criteria = Criteria.of(table.properties());
    List<FileGroup> groups = new ArrayList<>();
    for (Map.Entry<String, List<FileScanTask>> partition : partitions.entrySet()) {
      List<FileScanTask> group = new ArrayList<>();
      long bytes = 0;
      for (FileScanTask task : partition.getValue()) {
        group.add(task);
        bytes += task.file().fileSizeInBytes();
        if (bytes >= criteria.maxGroupBytes()) {
          groups.add(group(partition.getKey(), group, criteria));
          group = new ArrayList<>();
          bytes = 0;
        }
      }
      if (!group.isEmpty()) {
        groups.add(group(partition.getKey(), group, criteria));
      }
    }
    return groups;
  }

  private static FileGroup group(String partition, List<FileScanTask> files, Criteria criteria) {
    return new FileGroup(partition, files, criteria.targetBytes(), files.size());
  }

  private static void addCondemned(
      Table table, ManifestFile manifest, Findings findings, Map<String, DeleteFile> deletes) {
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

  /** Writes groups anew and commits them, by a handle of their own; returns how many files went. */
  private int replace(Sources sources, List<FileGroup> groups) {
    Table own = settings.context().load();
    FileRegistrar registrar = settings.context().registrar(own);
    Table table = BranchOperations.of(own, branch);
    RewriteCommit commit =
        RewriteCommit.of(table, sources.head(), allocator, registrar)
            .beforeRound(settings.beforeCommit());
    List<Rewritten> done = new ArrayList<>();
    try (Rewriter rewriter =
        Rewriter.open(table, RewriteOptions.of(allocator).recordedBy(registrar))) {
      for (FileGroup group : groups) {
        done.add(rewriter.rewrite(group));
      }
    } catch (RuntimeException | Error e) {
      for (Rewritten each : done) {
        each.rows().close();
        List<String> written = each.outputs().stream().map(DataFile::location).toList();
        registrar.removed(WrittenFiles.remove(table.io(), written));
      }
      throw e;
    }
    return commit.commit(done, sources.deletes()).sources();
  }
}
