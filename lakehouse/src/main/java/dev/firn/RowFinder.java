package dev.firn;

import dev.firn.catalog.commit.CommitReceipt;
import dev.firn.catalog.commit.Isolation;
import dev.firn.catalog.commit.RowChange;
import dev.firn.format.write.RowDeleteWriter;
import dev.firn.scan.BatchCursor;
import dev.firn.scan.FileTaskReader;
import dev.firn.scan.ScanRequest;
import dev.firn.scan.SnapshotSelector;
import dev.firn.scan.TableScanner;
import dev.firn.scan.TaskCursors;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
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
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expression.Operation;
import org.apache.iceberg.expressions.ExpressionVisitors;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.expressions.ResidualEvaluator;
import org.apache.iceberg.expressions.StrictMetricsEvaluator;
import org.apache.iceberg.expressions.UnboundPredicate;
import org.apache.iceberg.io.CloseableIterable;

/**
 * Finds the rows that satisfy a filter, and what takes them away. Files that the filter surely
 * covers go whole, by their statistics alone; in the others the rows are marked by position.
 */
final class RowFinder {
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

  RowFinder(Table table, Expression where, ScanResources resources) {
    this.table = table;
    this.resources = resources;
    this.where = where;
    this.onColumns = all(where, p -> !MetadataColumns.isMetadataColumn(p.ref().name()));
    this.nullSafe = all(where, p -> !FALSE_FOR_NULL.contains(p.op()));
  }

  /**
   * What a filter hits, and the change that takes it away.
   *
   * @param change its delete files are written: the caller's to commit or to remove
   */
  record Hit(Found found, RowChange change) {
    DeleteReceipt receipt(Optional<CommitReceipt> commit) {
      return new DeleteReceipt(
          commit, found.rows(), found.removed().size(), found.marks().referencedDataFiles().size());
    }
  }

  /**
   * Looks at the table as it is, and commits nothing. {@code added} come with what goes; {@code
   * marks} is completed.
   */
  Hit find(RowDeleteWriter marks, List<DataFile> added) {
    Snapshot base = table.currentSnapshot();
    Found found = find(marks);
    return new Hit(
        found,
        RowChanges.replace(
            SnapshotRef.MAIN_BRANCH,
            found,
            added,
            base == null ? null : base.snapshotId(),
            onColumns ? where : Expressions.alwaysTrue(),
            Isolation.of(
                "delete from " + table.name(),
                table.properties(),
                TableProperties.DELETE_ISOLATION_LEVEL)));
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
    List<FileScanTask> some = new ArrayList<>();
    try (CloseableIterable<FileScanTask> tasks = new TableScanner(table).plan(request)) {
      for (FileScanTask task : tasks) {
        if (covers(task)) {
          removed.add(task.file());
          rows += task.file().recordCount();
        } else {
          some.add(task);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    try (TaskCursors cursors = positions.inOrder(some.iterator(), resources.allocator())) {
      for (FileScanTask task : some) {
        rows += mark(task, cursors, marks);
      }
    }
    return new Found(removed, marks.complete(), rows);
  }

  private static long mark(FileScanTask task, TaskCursors cursors, RowDeleteWriter marks) {
    long rows = 0;
    try (BatchCursor hits = Objects.requireNonNull(cursors.next())) {
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
