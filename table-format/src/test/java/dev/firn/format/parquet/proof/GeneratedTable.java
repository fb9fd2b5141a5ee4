package dev.firn.format.parquet.proof;

import dev.firn.format.arrow.Shown;
import java.util.List;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.Record;

/** Rows of a schema, and the seed that makes them again. */
record GeneratedTable(long seed, Schema schema, List<Record> rows) {
  /** The rows in a form whose equality is that of their content. */
  List<Object> shown() {
    return Shown.all(rows);
  }

  /** What a failure prints. */
  @Override
  public String toString() {
    return "-Dfirn.parquet.seed=%d -Dfirn.parquet.rounds=1, %d rows of %s"
        .formatted(seed, rows.size(), schema);
  }
}
