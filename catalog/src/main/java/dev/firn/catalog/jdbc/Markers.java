package dev.firn.catalog.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.UUID;
import org.apache.iceberg.exceptions.CommitStateUnknownException;

/** One row per writing transaction, by which its outcome can be found later. Thread-safe. */
final class Markers {
  static final String DDL =
      "CREATE TABLE IF NOT EXISTS firn_commits(marker VARCHAR(36) NOT NULL PRIMARY KEY,"
          + " state CHAR(1) NOT NULL, made_at BIGINT NOT NULL)";

  private static final String APPLIED = "A";
  private static final String GIVEN_UP = "G";
  private static final int ATTEMPTS = 5;
  private static final long FIRST_WAIT_MILLIS = 50;

  private final Database database;

  Markers(Database database) {
    this.database = database;
  }

  void insert(Connection connection, UUID marker) throws SQLException {
    insert(connection, marker, APPLIED);
  }

  /**
   * Decides whether the transaction with this marker was applied, and if not, that it never will
   * be.
   */
  boolean applied(String doing, UUID marker, SQLException doubt) {
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      try (Connection connection = database.connection()) {
        return decide(connection, marker);
      } catch (SQLException e) {
        doubt.addSuppressed(e);
        pause(FIRST_WAIT_MILLIS << attempt);
      }
    }
    throw new CommitStateUnknownException(
        "Cannot " + doing + ": the database was lost while it committed", doubt);
  }

  private boolean decide(Connection connection, UUID marker) throws SQLException {
    try {
      insert(connection, marker, GIVEN_UP);
      return false;
    } catch (SQLException e) {
      if (!database.dialect().isDuplicate(e)) {
        throw e;
      }
    }
    try (PreparedStatement select =
        connection.prepareStatement("SELECT state FROM firn_commits WHERE marker = ?")) {
      select.setString(1, marker.toString());
      try (ResultSet rows = select.executeQuery()) {
        return rows.next() && APPLIED.equals(rows.getString(1));
      }
    }
  }

  private void insert(Connection connection, UUID marker, String state) throws SQLException {
    try (PreparedStatement insert =
        connection.prepareStatement(
            "INSERT INTO firn_commits(marker, state, made_at) VALUES (?, ?, "
                + database.dialect().now()
                + ")")) {
      insert.setString(1, marker.toString());
      insert.setString(2, state);
      insert.executeUpdate();
    }
  }

  private static void pause(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
