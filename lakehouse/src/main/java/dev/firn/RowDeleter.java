package dev.firn;

import dev.firn.catalog.commit.CommitReceipt;
import dev.firn.catalog.commit.RowChange;
import dev.firn.catalog.error.IcebergErrors;
import dev.firn.catalog.intent.WriteIntent;
import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import dev.firn.format.write.RowDeleteWriter;
import dev.firn.scan.BatchCursor;
import dev.firn.scan.FileTaskReader;
import dev.firn.scan.ScanRequest;
import dev.firn.scan.SnapshotSelector;
import dev.firn.scan.TableScanner;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.apache.arrow.vector.BigIntVector;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.MetadataColumns;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotRef;
import org.apache.iceberg.Table;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expression.Operation;
import org.apache.iceberg.expressions.ExpressionVisitors;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.expressions.ResidualEvaluator;
import org.apache.iceberg.expressions.StrictMetricsEvaluator;
import org.apache.iceberg.expressions.UnboundPredicate;
import org.apache.iceberg.io.CloseableIterable;

/**
 * Deletes the rows that satisfy a filter, and optionally adds others in the same snapshot. Files
 * that the filter surely covers go whole, by their statistics alone; in the others the rows are
 * marked by position.
 *
 * <p>A conflict with a concurrent writer is met by looking again from the new snapshot, since the
 * request is "every row that satisfies the filter", whenever it takes effect.
 */
final class RowDeleter {
  private static final int ATTEMPTS = 5;
  private static final Set<Operation> FALSE_FOR_NULL =
      Set.of(Operation.NOT_EQ, Operation.NOT_IN, Operation.NOT_STARTS_WITH, Operation.NOT_NAN);

  /**
   * What a filter hits in one snapshot: files that go whole, marks in others, and the rows of both.
   */
  record Found(List<DataFile> removed, RowDeleteWriter.Result marks, long rows) {
    boolean nothing() {
      return removed.isEmpty() && marks.added().isEmpty();
    }
  }

  private final Table table;
  private final TableCommits commits;
  private final Expression where;
  private final ScanResources resources;

  /**
   * Whether the filter is on columns of the table alone, which the commit's conflict check needs.
   */
  private final boolean onColumns;

  /**
   * Whether Iceberg's two-valued evaluation of the filter agrees with SQL's: it takes {@code !=},
   * {@code not in}, {@code not starts with} and {@code not NaN} as true for null.
   */
  private final boolean nullSafe;

  RowDeleter(Table table, TableCommits commits, Expression where, ScanResources resources) {
    this.table = table;
    this.commits = commits;
    this.resources = resources;
    this.where = where;
    this.onColumns = all(where, p -> !MetadataColumns.isMetadataColumn(p.ref().name()));
    this.nullSafe = all(where, p -> !FALSE_FOR_NULL.contains(p.op()));
  }

  /**
   * Commits the deletes together with {@code added}, which {@code adding} names. Nothing is
   * committed where both are empty.
   */
  DeleteReceipt run(List<DataFile> added, WriteIntent adding) {
    for (int attempt = 1; ; attempt++) {
      table.refresh();
      // Closed in this order: the intent is forgotten once its files are removed.
      try (WriteIntent marking = commits.intent(table);
          RowDeleteWriter marks = RowDeleteWriter.open(table, new Registration(marking))) {
        return attempt(marks, added, adding, marking);
      } catch (RuntimeException e) {
        FirnException error = IcebergErrors.translate("delete from " + table.name(), e);
        if (error.kind() != ErrorKind.CONFLICT || attempt == ATTEMPTS) {
          throw error;
        }
      }
    }
  }

  private DeleteReceipt attempt(
      RowDeleteWriter marks, List<DataFile> added, WriteIntent adding, WriteIntent marking) {
    Snapshot base = table.currentSnapshot();
    Found found = find(marks);
    if (found.nothing() && added.isEmpty()) {
      return new DeleteReceipt(Optional.empty(), 0, 0, 0);
    }
    Long from = base == null ? null : base.snapshotId();
    CommitReceipt receipt =
        commit(
            RowChanges.replace(
                SnapshotRef.MAIN_BRANCH,
                found,
                added,
                from,
                onColumns ? where : Expressions.alwaysTrue()),
            adding,
            marking);
    return new DeleteReceipt(
        Optional.of(receipt),
        found.rows(),
        found.removed().size(),
        found.marks().referencedDataFiles().size());
  }

  /** Where it fails, removes the marks; the added files stay for another attempt. */
  private CommitReceipt commit(RowChange change, WriteIntent adding, WriteIntent marking) {
    try {
      return commits.commit(change, adding, marking);
    } catch (FirnException e) {
      throw Uncommitted.remove(table.io(), change.deletes(), marking, e);
    }
  }

  private Found find(RowDeleteWriter marks) {
    List<DataFile> removed = new ArrayList<>();
    long rows = 0;
    ScanRequest request =
        new ScanRequest(new SnapshotSelector.Current(), null, where, ScanRequest.NO_LIMIT);
    FileTaskReader positions =
        new FileTaskReader(
            table,
            table.schema(),
            new Schema(MetadataColumns.ROW_POSITION),
            where,
            resources.decoding());
    try (CloseableIterable<FileScanTask> tasks = new TableScanner(table).plan(request)) {
      for (FileScanTask task : tasks) {
        if (covers(task)) {
          removed.add(task.file());
          rows += task.file().recordCount();
        } else {
          rows += mark(task, positions, marks);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new Found(removed, marks.complete(), rows);
  }

  private long mark(FileScanTask task, FileTaskReader positions, RowDeleteWriter marks) {
    long rows = 0;
    try (BatchCursor hits = positions.openArrow(task, resources.allocator())) {
      while (hits.next()) {
        BigIntVector batch = (BigIntVector) hits.root().getVector(0);
        for (int i = 0; i < batch.getValueCount(); i++) {
          marks.delete(task, batch.get(i));
        }
        rows += batch.getValueCount();
      }
    }
    return rows;
  }

  /**
   * Whether every row of the file surely satisfies the filter and is still live. The residual is
   * made anew, of the filter itself: a task's own may leave out what planning could not use.
   */
  private boolean covers(FileScanTask task) {
    if (!task.deletes().isEmpty() || !onColumns || !nullSafe) {
      return false;
    }
    DataFile file = task.file();
    PartitionSpec spec = table.specs().get(file.specId());
    return new StrictMetricsEvaluator(table.schema(), where).eval(file)
        || ResidualEvaluator.of(spec, where, true).residualFor(file.partition()).op()
            == Operation.TRUE;
  }

  private static boolean all(Expression filter, Predicate<UnboundPredicate<?>> test) {
    return ExpressionVisitors.visit(
        Expressions.rewriteNot(filter),
        new ExpressionVisitors.ExpressionVisitor<>() {
          @Override
          public Boolean alwaysTrue() {
            return true;
          }

          @Override
          public Boolean alwaysFalse() {
            return true;
          }

          @Override
          public Boolean and(Boolean left, Boolean right) {
            return left && right;
          }

          @Override
          public Boolean or(Boolean left, Boolean right) {
            return left && right;
          }

          @Override
          public <T> Boolean predicate(UnboundPredicate<T> predicate) {
            return test.test(predicate);
          }
        });
  }
}
