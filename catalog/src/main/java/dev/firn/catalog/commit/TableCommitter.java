package dev.firn.catalog.commit;

import dev.firn.catalog.error.IcebergErrors;
import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import dev.firn.error.NearMatch;
import dev.firn.storage.DirectExecutor;
import java.util.Objects;
import java.util.function.Supplier;
import org.apache.iceberg.AppendFiles;
import org.apache.iceberg.HasTableOperations;
import org.apache.iceberg.IsolationLevel;
import org.apache.iceberg.RowDelta;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotRef;
import org.apache.iceberg.SnapshotUpdate;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.Transaction;
import org.apache.iceberg.events.CreateSnapshotEvent;
import org.apache.iceberg.util.PropertyUtil;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Commits row changes, by Iceberg's own operations. Stateless.
 *
 * <p>Outcomes: it returns, and the change is in the table as exactly one snapshot; it throws
 * CONFLICT, INVALID, NOT_FOUND or UNAVAILABLE, and nothing was applied, while the data and delete
 * files of the change remain, the caller's to delete; it throws COMMIT_STATE_UNKNOWN, and nothing
 * may be deleted.
 */
public final class TableCommitter {
  private static final int ATTEMPTS = 10;
  private static final Logger LOG = LoggerFactory.getLogger(TableCommitter.class);

  private TableCommitter() {}

  /**
   * Commits {@code change} as one snapshot of {@code table}, and refreshes {@code table}.
   *
   * <p>A change that only adds, and read nothing, is an append and meets no conflicts; concurrent
   * commits make it try again, as often as {@code commit.retry.num-retries} says. Every other
   * change is checked against what was committed to the branch since {@code change.base()}. A
   * conflict is: a file that it removes or refers to is gone; a row that it marks was marked by
   * others too, and either of them adds rows; rows of a file that it replaces were marked; equality
   * deletes came where it read; and, where {@code change.isolation()} is serializable, rows came
   * where it read. Marks on other rows of the same file are none: deletion vectors are united.
   */
  public static CommitReceipt commit(Table table, RowChange change) {
    if (table instanceof HasTableOperations has
        && has.operations() instanceof LaneOperations ours) {
      return grouped(table, ours, change);
    }
    if (!RowStep.isAppend(change)) {
      return rebased(table, change);
    }
    return guarded(
        table,
        change,
        () -> {
          SnapshotUpdate<?> update =
              append((merges(table) ? table.newAppend() : table.newFastAppend()), change);
          update.commit();
          return update;
        });
  }

  /**
   * Commits a change to a table of another catalog. Iceberg's own checks, against what comes
   * between the look at the table and the swap, are coarse: where they see a conflict, it is looked
   * at anew.
   */
  private static CommitReceipt rebased(Table table, RowChange change) {
    for (int attempt = 1; ; attempt++) {
      try {
        return rebasedOnce(table, change, table::newRowDelta, () -> {});
      } catch (FirnException e) {
        Snapshot before = table.snapshot(change.branch());
        if (e.kind() != ErrorKind.CONFLICT || attempt == ATTEMPTS) {
          throw e;
        }
        table.refresh();
        if (Objects.equals(before, table.snapshot(change.branch()))) {
          throw e;
        }
      }
    }
  }

  /** As {@link #guarded}, with what has to be written for it, and what becomes of no use. */
  private static CommitReceipt rebasedOnce(
      Table table, RowChange change, Supplier<RowDelta> delta, Runnable commit) {
    Rebase.Rebased rebased = rebase(table, change);
    CommitReceipt receipt;
    try {
      receipt =
          guarded(
              table,
              change,
              () -> {
                RowDelta update = rowDelta(table, delta.get(), rebased.change());
                update.commit();
                commit.run();
                return update;
              });
    } catch (FirnException e) {
      if (e.kind() != ErrorKind.COMMIT_STATE_UNKNOWN) {
        Rebase.remove(table, rebased.written());
      }
      throw e;
    }
    Rebase.remove(table, rebased.leftOut());
    return receipt;
  }

  private static Rebase.Rebased rebase(Table table, RowChange change) {
    try {
      requireBranch(table, change.branch());
      return Rebase.onto(table, change, files -> {});
    } catch (RuntimeException e) {
      throw IcebergErrors.translate("commit to " + table.name(), e);
    }
  }

  /** Joins the lane of a table of ours. */
  private static CommitReceipt grouped(Table table, LaneOperations ours, RowChange change) {
    CommitReceipt receipt =
        Futures.await(ours.commits().submit(ours.table(), ours.uuid(), CommitRequest.of(change)));
    try {
      table.refresh();
    } catch (RuntimeException e) {
      // The commit has been applied, and nobody may think that it was not.
      LOG.warn("Cannot refresh {} after a commit", table.name(), e);
    }
    return receipt;
  }

  /** Commits a request's rows and columns, and nothing else of it, to a table of any catalog. */
  public static CommitReceipt commit(Table table, CommitRequest request) {
    Schema files = request.evolveTo();
    if (files == null) {
      return commit(table, request.change());
    }
    Transaction transaction = table.newTransaction();
    try {
      SchemaGrowth.commit(table.name(), transaction.updateSchema(), files);
    } catch (RuntimeException e) {
      throw IcebergErrors.translate("commit to " + table.name(), e);
    }
    return commit(transaction, request.change());
  }

  /** Stages {@code change} as the last step of a transaction and commits that. */
  public static CommitReceipt commit(Transaction transaction, RowChange change) {
    Table table = transaction.table();
    if (!RowStep.isAppend(change)) {
      return rebasedOnce(table, change, transaction::newRowDelta, transaction::commitTransaction);
    }
    return guarded(
        table,
        change,
        () -> {
          SnapshotUpdate<?> update =
              append(merges(table) ? transaction.newAppend() : transaction.newFastAppend(), change);
          update.commit();
          transaction.commitTransaction();
          return update;
        });
  }

  private static CommitReceipt guarded(
      Table table, RowChange change, Supplier<SnapshotUpdate<?>> work) {
    String doing = "commit to " + table.name();
    SnapshotUpdate<?> committed;
    try {
      requireBranch(table, change.branch());
      committed = work.get();
    } catch (RuntimeException e) {
      throw IcebergErrors.translate(doing, e);
    }
    return receipt(doing, committed);
  }

  /**
   * Whether appends merge small manifests, Iceberg's default: without it, a stream of small commits
   * leaves one manifest each, and planning reads them all. The merge comes once in a hundred
   * commits.
   */
  private static boolean merges(Table table) {
    return PropertyUtil.propertyAsBoolean(
        table.properties(),
        TableProperties.MANIFEST_MERGE_ENABLED,
        TableProperties.MANIFEST_MERGE_ENABLED_DEFAULT);
  }

  private static AppendFiles append(AppendFiles append, RowChange change) {
    change.added().forEach(append::appendFile);
    change.summary().forEach(append::set);
    return append.scanManifestsWith(DirectExecutor.INSTANCE).toBranch(change.branch());
  }

  /** Makes {@code delta} of the change, with Iceberg's checks against what came since its base. */
  static RowDelta rowDelta(Table table, RowDelta delta, RowChange change) {
    change.added().forEach(delta::addRows);
    change.removed().forEach(delta::removeRows);
    change.deletes().forEach(delta::addDeletes);
    change.superseded().forEach(delta::removeDeletes);
    change.summary().forEach(delta::set);
    if (change.base() != null) {
      delta.validateFromSnapshot(change.base());
    }
    delta
        .conflictDetectionFilter(change.read())
        // Also: a referenced file that a concurrent delete removed is missing, not just a rewritten
        // one.
        .validateDeletedFiles()
        .validateDataFilesExist(change.referenced())
        .validateNoConflictingDeleteFiles();
    if (change.isolation() == IsolationLevel.SERIALIZABLE) {
      delta.validateNoConflictingDataFiles();
    }
    return delta.scanManifestsWith(DirectExecutor.INSTANCE).toBranch(change.branch());
  }

  /** Iceberg would make a missing branch; a mistyped name must not. */
  private static void requireBranch(Table table, String branch) {
    if (branch.equals(SnapshotRef.MAIN_BRANCH)) {
      return;
    }
    if (!table.refs().containsKey(branch)) {
      table.refresh();
    }
    SnapshotRef ref = table.refs().get(branch);
    if (ref == null) {
      throw FirnException.notFound(
          "Cannot commit to %s: it has no branch %s%s"
              .formatted(table.name(), branch, NearMatch.hint(branch, table.refs().keySet())));
    }
    if (!ref.isBranch()) {
      throw FirnException.invalid(
          "Cannot commit to %s: %s is a tag, expected a branch".formatted(table.name(), branch));
    }
  }

  /**
   * The id is the update's own, whatever others committed since. The commit has been applied: what
   * fails here must not look as if it had not.
   */
  private static CommitReceipt receipt(String doing, SnapshotUpdate<?> update) {
    RuntimeException failure = null;
    for (int attempt = 0; attempt < 2; attempt++) {
      try {
        CreateSnapshotEvent made = (CreateSnapshotEvent) update.updateEvent();
        return new CommitReceipt(made.snapshotId(), made.sequenceNumber(), 0);
      } catch (RuntimeException e) {
        failure = e;
      }
    }
    throw new FirnException(
        ErrorKind.COMMIT_STATE_UNKNOWN,
        "Cannot %s: it was applied, but the table could not be read back; the change is there, do not do it again"
            .formatted(doing),
        failure);
  }
}
