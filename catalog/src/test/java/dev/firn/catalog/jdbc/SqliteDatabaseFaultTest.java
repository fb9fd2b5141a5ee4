package dev.firn.catalog.jdbc;

import java.nio.file.Path;
import java.sql.SQLException;
import org.junit.jupiter.api.io.TempDir;

class SqliteDatabaseFaultTest extends DatabaseFaultContract {
  private static final int SQLITE_BUSY = 5;

  @TempDir static Path directory;

  @Override
  String uri() {
    return "jdbc:sqlite:" + directory.resolve("catalog.db");
  }

  @Override
  SQLException passing() {
    return new SQLException("database is locked", null, SQLITE_BUSY);
  }
}
