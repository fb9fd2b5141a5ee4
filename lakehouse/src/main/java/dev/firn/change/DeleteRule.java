package dev.firn.change;

import dev.firn.scan.Pruning;
import java.util.function.Predicate;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.expressions.Expression;

/** Deletes every row that satisfies a filter. */
final class DeleteRule implements RowRule {
  private final Expression where;
  private final Runnable eachFile;
  private final Predicate<DataFile> covered;

  /** {@code eachFile} runs before a file is looked at, and may throw to end the change. */
  DeleteRule(Table table, Expression where, Runnable eachFile) {
    this.where = where;
    this.eachFile = eachFile;
    this.covered = Pruning.covered(table, where);
  }

  @Override
  public Expression filter() {
    return where;
  }

  @Override
  public Schema columns() {
    return new Schema();
  }

  @Override
  public boolean updates() {
    return false;
  }

  /** Whole where every row of the file surely satisfies the filter and is still live. */
  @Override
  public Reach reach(FileScanTask task) {
    eachFile.run();
    return task.deletes().isEmpty() && covered.test(task.file()) ? Reach.WHOLE : Reach.SOME;
  }

  @Override
  public Fate fate(Record row) {
    return Fate.Deleted.DELETED;
  }
}
