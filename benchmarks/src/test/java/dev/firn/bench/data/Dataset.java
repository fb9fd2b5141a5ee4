package dev.firn.bench.data;

import java.util.List;
import java.util.function.Supplier;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.expressions.Expression;

/**
 * Rows to measure with, the same at every call. {@code onePercent} keeps about 1 % of them by the
 * column that they are sorted by, and {@code onePercentSql} is the same in DuckDB's words.
 */
public record Dataset(
    String name,
    Schema schema,
    List<String> threeColumns,
    Expression onePercent,
    String onePercentSql,
    Supplier<Iterable<Record>> rows) {
  public Dataset {
    threeColumns = List.copyOf(threeColumns);
  }
}
