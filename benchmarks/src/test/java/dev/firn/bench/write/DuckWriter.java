package dev.firn.bench.write;

import dev.firn.bench.data.BenchTables;
import dev.firn.bench.measure.Digest;
import dev.firn.bench.measure.Stopwatch;
import dev.firn.bench.peer.DuckDb;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import org.apache.iceberg.Table;

/** DuckDB's {@code COPY} of a table in its memory, in one thread. */
final class DuckWriter implements FileWriter {
  private final DuckDb duckDb;
  private final String options;

  private DuckWriter(DuckDb duckDb, String options) {
    this.duckDb = duckDb;
    this.options = options;
  }

  /** Loads the rows of the table. {@code options} are those of {@code COPY}. */
  static DuckWriter load(Table table, String options) throws SQLException {
    DuckDb duckDb = DuckDb.open(1);
    duckDb.execute("CREATE TABLE rows AS FROM " + DuckDb.parquet(BenchTables.paths(table)));
    return new DuckWriter(duckDb, options);
  }

  @Override
  public void write(Path file, Stopwatch watch) throws Exception {
    watch.start();
    duckDb.execute("COPY rows TO '%s' (FORMAT parquet, %s)".formatted(file, options));
    watch.stop();
  }

  @Override
  public Digest digest(Path file) throws Exception {
    return duckDb.digest("FROM " + DuckDb.parquet(List.of(file)));
  }

  @Override
  public void close() {
    duckDb.close();
  }
}
