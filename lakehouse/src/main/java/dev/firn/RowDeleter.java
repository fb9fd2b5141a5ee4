package dev.firn;

import dev.firn.catalog.commit.CommitReceipt;
import dev.firn.catalog.commit.RowChange;
import dev.firn.catalog.error.IcebergErrors;
import dev.firn.catalog.intent.WriteIntent;
import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import dev.firn.format.write.RowDeleteWriter;
import java.util.List;
import java.util.Optional;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.Table;
import org.apache.iceberg.expressions.Expression;

/**
 * Deletes the rows that satisfy a filter, and optionally adds others in the same snapshot.
 *
 * <p>A conflict with a concurrent writer is met by looking again from the new snapshot, since the
 * request is "every row that satisfies the filter", whenever it takes effect.
 */
final class RowDeleter {
  private static final int ATTEMPTS = 5;

  private final Table table;
  private final TableCommits commits;
  private final RowFinder finder;

  RowDeleter(Table table, TableCommits commits, Expression where, ScanResources resources) {
    this.table = table;
    this.commits = commits;
    this.finder = new RowFinder(table, where, resources);
  }

  /**
   * Commits the deletes together with {@code added}, which {@code adding} names. Nothing is
   * committed where both are empty.
   */
  DeleteReceipt run(List<DataFile> added, WriteIntent adding) {
    for (int attempt = 1; ; attempt++) {
      table.refresh();
      Holds.Hold held = commits.hold(table.currentSnapshot());
      // Closed in this order: the intent is forgotten once its files are removed.
      try (WriteIntent marking = commits.intent(table);
          RowDeleteWriter marks = RowDeleteWriter.open(table, new Registration(marking))) {
        return attempt(finder.find(marks, added), adding, marking);
      } catch (RuntimeException e) {
        FirnException error = IcebergErrors.translate("delete from " + table.name(), e);
        if (error.kind() != ErrorKind.CONFLICT || attempt == ATTEMPTS) {
          throw error;
        }
      } finally {
        held.close();
      }
    }
  }

  private DeleteReceipt attempt(RowFinder.Hit hit, WriteIntent adding, WriteIntent marking) {
    if (hit.found().nothing() && hit.change().added().isEmpty()) {
      return new DeleteReceipt(Optional.empty(), 0, 0, 0);
    }
    return hit.receipt(Optional.of(commit(hit.change(), adding, marking)));
  }

  /** Where it fails, removes the marks; the added files stay for another attempt. */
  private CommitReceipt commit(RowChange change, WriteIntent adding, WriteIntent marking) {
    try {
      return commits.commit(table, change, adding, marking);
    } catch (FirnException e) {
      throw Uncommitted.remove(table.io(), change.deletes(), marking, e);
    }
  }
}
