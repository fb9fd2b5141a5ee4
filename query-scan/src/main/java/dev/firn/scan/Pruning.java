package dev.firn.scan;

import java.util.function.Predicate;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.Table;
import org.apache.iceberg.expressions.Expression;

/**
 * What a filter on a table's rows says of whole files, where Iceberg's own rules would answer
 * wrongly: they are two-valued, take unknown numbers of NaN for zero, compare the value of an
 * identity partition with a transform's literal, and order UUIDs by sign where their bounds were
 * taken without. Stateless.
 */
public final class Pruning {
  private Pruning() {}

  /**
   * Returns a filter that is true wherever {@code filter} is, and that Iceberg's inclusive rules,
   * of partitions and of statistics, may be asked: for conflicts, for planning.
   *
   * @param filter in the table's current schema; may name metadata columns
   */
  public static Expression weakened(Table table, Expression filter) {
    return ScanFilter.of(table, table.schema(), filter)
        .weakened(table.schema(), table.specs().values());
  }

  /**
   * Returns a test of data files: true only where every row of the file, deleted or not, surely
   * satisfies {@code filter}. Confined to one thread.
   *
   * @param filter in the table's current schema; of metadata columns nothing is sure
   */
  public static Predicate<DataFile> covered(Table table, Expression filter) {
    return new Coverage(table, table.schema(), ScanFilter.of(table, table.schema(), filter));
  }
}
