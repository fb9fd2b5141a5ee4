package dev.firn.change;

import org.apache.iceberg.Schema;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.expressions.Expression;

/**
 * Gives every row that satisfies a filter other values.
 *
 * @param filter the rows
 * @param values what they become
 */
record UpdateRule(Expression filter, BoundAssignments values) implements RowRule {
  @Override
  public Schema columns() {
    return new Schema();
  }

  @Override
  public boolean updates() {
    return true;
  }

  @Override
  public Fate fate(Record row) {
    return new Fate.Updated(() -> values.update(row, null));
  }
}
