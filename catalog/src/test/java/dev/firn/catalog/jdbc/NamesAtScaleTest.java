package dev.firn.catalog.jdbc;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;

class NamesAtScaleTest extends NamesAtScaleContract {
  @TempDir private Path directory;

  @Override
  String uri() {
    return "jdbc:sqlite:" + directory.resolve("firn.db");
  }

  @Override
  List<String> plan(Connection connection, String sql) throws SQLException {
    try (PreparedStatement explain = connection.prepareStatement("EXPLAIN QUERY PLAN " + sql)) {
      return lines(explain, 4);
    }
  }

  @Override
  boolean usesIndex(String step) {
    return step.matches("SEARCH (t|iceberg_.*) USING .*INDEX .*");
  }

  @Override
  boolean readsAll(String step) {
    return step.matches("SCAN (t|iceberg_.*)( .*)?") || step.contains("TEMP B-TREE");
  }
}
