package dev.firn;

import dev.firn.catalog.commit.CommitReceipt;
import dev.firn.catalog.commit.RowChange;
import dev.firn.catalog.error.IcebergErrors;
import dev.firn.catalog.intent.WriteIntent;
import dev.firn.change.ChangeReceipt;
import dev.firn.change.ChangeStep;
import dev.firn.change.ChangeTarget;
import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import dev.firn.format.write.CommitTurn;
import dev.firn.scan.Decoding;
import dev.firn.scan.plan.ManifestIndex;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.iceberg.ContentFile;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.Table;

/**
 * Changes of rows that are committed at once.
 *
 * <p>A conflict with a concurrent writer is met by looking again from the new snapshot, since the
 * request is of every row that satisfies a filter, whenever it takes effect.
 */
final class LiveChanges implements ChangeTarget {
  private static final int ATTEMPTS = 5;

  private final String name;
  private final Table table;
  private final TableCommits commits;
  private final ScanResources resources;

  LiveChanges(String name, Table table, TableCommits commits, ScanResources resources) {
    this.name = name;
    this.table = table;
    this.commits = commits;
    this.resources = resources;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Table table() {
    Guard.run("read table " + name, table::refresh);
    return table;
  }

  @Override
  public Decoding decoding() {
    return resources.decoding();
  }

  @Override
  public ManifestIndex manifests() {
    return resources.manifests();
  }

  @Override
  public BufferAllocator allocator() {
    return resources.allocator();
  }

  @Override
  public ChangeReceipt apply(String doing, ChangeStep step) {
    return apply(doing, step, List.of(), WriteIntent.unrecorded());
  }

  /**
   * As {@link #apply(String, ChangeStep)}, together with {@code added}, which {@code adding} names.
   * Where it fails they stay, the caller's to remove.
   */
  ChangeReceipt apply(String doing, ChangeStep step, List<DataFile> added, WriteIntent adding) {
    for (int attempt = 1; ; attempt++) {
      CommitTurn.Look look = CommitTurn.look(table);
      try {
        return attempt(step, added, adding);
      } catch (RuntimeException e) {
        FirnException error = IcebergErrors.translate(doing, e);
        if (error.kind() != ErrorKind.CONFLICT || attempt == ATTEMPTS) {
          throw error;
        }
      } finally {
        look.close();
      }
    }
  }

  private ChangeReceipt attempt(ChangeStep step, List<DataFile> added, WriteIntent adding) {
    table();
    Holds.Hold held = commits.hold(table.currentSnapshot());
    try (WriteIntent writing = commits.intent(table)) {
      ChangeStep.Draft draft = step.draft(table, new Registration(writing));
      if (draft.isNothing() && added.isEmpty()) {
        return draft.counts();
      }
      return draft.counts().committed(commit(draft.change(), added, adding, writing));
    } finally {
      held.close();
    }
  }

  /** Where it fails, removes what the step wrote. */
  private CommitReceipt commit(
      RowChange change, List<DataFile> added, WriteIntent adding, WriteIntent writing) {
    try {
      return commits.commit(table, RowChanges.with(change, added), adding, writing);
    } catch (FirnException e) {
      List<ContentFile<?>> written = new ArrayList<>(change.deletes());
      written.addAll(change.added());
      throw Uncommitted.remove(table.io(), written, writing, e);
    }
  }
}
