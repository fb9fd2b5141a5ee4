package dev.firn.change;

import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expression.Operation;
import org.apache.iceberg.expressions.ResidualEvaluator;
import org.apache.iceberg.expressions.StrictMetricsEvaluator;

/** Deletes every row that satisfies a filter. */
final class DeleteRule implements RowRule {
  private final Table table;
  private final Expression where;
  private final FilterTraits traits;

  DeleteRule(Table table, Expression where) {
    this.table = table;
    this.where = where;
    this.traits = FilterTraits.of(where);
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

  /**
   * Whole where every row of the file surely satisfies the filter and is still live. The residual
   * is made anew, of the filter itself: a task's own may leave out what planning could not use.
   */
  @Override
  public Reach reach(FileScanTask task) {
    if (!task.deletes().isEmpty() || !traits.onColumns() || !traits.nullSafe()) {
      return Reach.SOME;
    }
    DataFile file = task.file();
    PartitionSpec spec = table.specs().get(file.specId());
    boolean covered =
        new StrictMetricsEvaluator(table.schema(), where).eval(file)
            || ResidualEvaluator.of(spec, where, true).residualFor(file.partition()).op()
                == Operation.TRUE;
    return covered ? Reach.WHOLE : Reach.SOME;
  }

  @Override
  public Fate fate(Record row) {
    return Fate.Deleted.DELETED;
  }
}
