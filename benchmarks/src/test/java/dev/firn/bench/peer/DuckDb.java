package dev.firn.bench.peer;

import dev.firn.bench.measure.BatchDigester;
import dev.firn.bench.measure.Digest;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Properties;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.duckdb.DuckDBResultSet;

/** DuckDB in this process, over JDBC, its results exported as Arrow. Confined to one thread. */
public final class DuckDb implements AutoCloseable {
  private static final int BATCH_ROWS = 64 * 1024;

  private final BufferAllocator allocator = new RootAllocator();
  private final Connection connection;

  private DuckDb(Connection connection) {
    this.connection = connection;
  }

  /** Opens an empty database in memory that computes with that many threads. */
  public static DuckDb open(int threads) throws SQLException {
    Properties settings = new Properties();
    // Results as they are made: materialising them first would cost DuckDB time and memory.
    settings.setProperty("jdbc_stream_results", "true");
    DuckDb duckDb = new DuckDb(DriverManager.getConnection("jdbc:duckdb:", settings));
    duckDb.execute("SET threads=" + threads);
    // More of a streamed query runs in parallel where rows may come in any order.
    duckDb.execute("SET preserve_insertion_order=false");
    duckDb.execute("SET TimeZone='UTC'");
    return duckDb;
  }

  /** The files as a table of a query. */
  public static String parquet(List<Path> files) {
    return files.stream()
        .map(Path::toString)
        .collect(Collectors.joining("', '", "read_parquet(['", "'])"));
  }

  public void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** Runs a query, and lends its batches to {@code consumer}. */
  public void query(String sql, Consumer<VectorSchemaRoot> consumer) throws Exception {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql);
        ArrowReader batches =
            (ArrowReader)
                rows.unwrap(DuckDBResultSet.class).arrowExportStream(allocator, BATCH_ROWS)) {
      while (batches.loadNextBatch()) {
        consumer.accept(batches.getVectorSchemaRoot());
      }
    }
  }

  public Digest digest(String sql) throws Exception {
    BatchDigester digester = new BatchDigester();
    query(sql, digester::add);
    return digester.digest();
  }

  @Override
  public void close() {
    try (allocator) {
      connection.close();
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }
}
