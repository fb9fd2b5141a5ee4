package dev.firn.catalog.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;
import org.apache.iceberg.catalog.TableIdentifier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What makes an acknowledged commit survive a power cut, as SQLite documents it. */
class SqliteDurabilityTest {
  /** In WAL mode, FULL syncs the log in each commit; NORMAL does not. */
  private static final int FULL = 2;

  @TempDir Path directory;

  @Test
  void everyConnectionSyncsEachCommit() throws SQLException {
    String uri = "jdbc:sqlite:" + directory.resolve("new/catalog.db");
    List<DataSource> pools = new ArrayList<>();
    try (Database database =
        Connections.open(
            uri,
            Map.of(),
            pool -> {
              pools.add(pool);
              return pool;
            })) {
      new Pointers(database, "firn").find(TableIdentifier.of("a", "b"));
      try (Connection one = pools.get(0).getConnection();
          Connection other = pools.get(0).getConnection()) {
        for (Connection each : List.of(one, other)) {
          assertThat(pragma(each, "journal_mode")).isEqualTo("wal");
          assertThat(pragma(each, "synchronous")).isEqualTo(String.valueOf(FULL));
        }
      }
    }
  }

  private static String pragma(Connection connection, String name) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("PRAGMA " + name)) {
      assertThat(rows.next()).isTrue();
      return rows.getString(1);
    }
  }
}
