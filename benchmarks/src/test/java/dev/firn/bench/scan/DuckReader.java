package dev.firn.bench.scan;

import dev.firn.bench.measure.Digest;
import dev.firn.bench.measure.Side;
import dev.firn.bench.peer.DuckDb;
import java.sql.SQLException;

/** DuckDB's {@code read_parquet} of the table's data files. It knows of no Iceberg deletes here. */
final class DuckReader implements TableReader {
  private final DuckDb duckDb;

  DuckReader(int threads) throws SQLException {
    this.duckDb = DuckDb.open(threads);
  }

  @Override
  public Side side(Query query) {
    String sql = sql(query);
    return Side.timed(() -> duckDb.query(sql, batch -> {}));
  }

  @Override
  public Digest digest(Query query) throws Exception {
    return duckDb.digest(sql(query));
  }

  private static String sql(Query query) {
    return "SELECT "
        + String.join(", ", query.columns())
        + " FROM "
        + DuckDb.parquet(query.files())
        + (query.filtered() ? " WHERE " + query.dataset().onePercentSql() : "");
  }

  @Override
  public void close() {
    duckDb.close();
  }
}
