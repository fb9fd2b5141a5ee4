package dev.firn.scan.plan;

import java.util.Map;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.expressions.Expression;

/**
 * Which files of which snapshot.
 *
 * @param filter on rows, unbound, of the names that {@code specs}' schema has
 * @param specs all of the table, bound to the schema that the filter is of
 * @param statistics whether the data files tell statistics of their columns
 */
public record PlanRequest(
    Table table,
    Snapshot snapshot,
    Expression filter,
    Map<Integer, PartitionSpec> specs,
    boolean statistics) {

  /** With the table's specs as they are: for its current schema. */
  public static PlanRequest of(
      Table table, Snapshot snapshot, Expression filter, boolean statistics) {
    return new PlanRequest(table, snapshot, filter, table.specs(), statistics);
  }

  /** The same in another schema: that of a snapshot of the past. */
  public PlanRequest in(Schema schema) {
    Map<Integer, PartitionSpec> rebound = new java.util.HashMap<>();
    specs.forEach((id, spec) -> rebound.put(id, spec.toUnbound().bind(schema, true)));
    return new PlanRequest(table, snapshot, filter, Map.copyOf(rebound), statistics);
  }
}
