package dev.firn.bench.scan;

import dev.firn.bench.data.BenchTables;
import dev.firn.bench.data.Dataset;
import java.nio.file.Path;
import java.util.List;
import org.apache.iceberg.Table;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.types.Types;

/** What each side is asked for: columns of a table, all rows or the data set's 1 %. */
record Query(Dataset dataset, Table table, List<String> columns, boolean filtered) {
  Query {
    columns = List.copyOf(columns);
  }

  static Query full(Dataset dataset, Table table) {
    List<String> all = table.schema().columns().stream().map(Types.NestedField::name).toList();
    return new Query(dataset, table, all, false);
  }

  Query threeColumns() {
    return new Query(dataset, table, dataset.threeColumns(), filtered);
  }

  Query onePercent() {
    return new Query(dataset, table, columns, true);
  }

  Expression filter() {
    return filtered ? dataset.onePercent() : Expressions.alwaysTrue();
  }

  List<Path> files() {
    return BenchTables.paths(table);
  }
}
