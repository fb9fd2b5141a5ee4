package dev.firn.catalog.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.iceberg.exceptions.CommitStateUnknownException;

/** One row per writing transaction, by which its outcome can be found later. Thread-safe. */
final class Markers {
  static final List<String> DDL =
      List.of(
          "CREATE TABLE IF NOT EXISTS firn_commits(marker VARCHAR(36) NOT NULL PRIMARY KEY,"
              + " state CHAR(1) NOT NULL, made_at BIGINT NOT NULL)",
          "CREATE INDEX IF NOT EXISTS firn_commits_by_age ON firn_commits(made_at)");

  private static final String APPLIED = "A";
  private static final String GIVEN_UP = "G";

  /** No doubt lasts longer than a minute. */
  private static final long KEPT_MILLIS = 3_600_000;

  /** At most twice as many are removed at once as were made meanwhile. */
  private static final int WRITES_BETWEEN_REMOVALS = 512;

  private final Database database;
  private final AtomicInteger writes = new AtomicInteger();

  Markers(Database database) {
    this.database = database;
  }

  void insert(Connection connection, UUID marker) throws SQLException {
    insert(connection, marker, APPLIED);
  }

  /**
   * Decides whether the transaction with this marker, which is no longer in our hands, was applied,
   * and if not, that it never will be.
   *
   * @throws CommitStateUnknownException where the database does not answer in time
   */
  boolean applied(String doing, UUID marker, SQLException doubt) {
    try (Patience patience = new Patience(database.patience(), Integer.MAX_VALUE)) {
      do {
        try {
          return decide(marker, doubt, patience.leftMillis());
        } catch (SQLException e) {
          if (e != doubt) {
            doubt.addSuppressed(e);
          }
        }
      } while (patience.again());
    }
    throw new CommitStateUnknownException(
        "Cannot %s: the database was lost while it committed (%s)"
            .formatted(doing, doubt.getMessage()),
        doubt);
  }

  private boolean decide(UUID marker, SQLException doubt, long millis) throws SQLException {
    Connection connection = database.connection();
    boolean alive = false;
    try {
      // SQLite has none, and needs none.
      connection.setNetworkTimeout(Runnable::run, Math.toIntExact(Math.max(1_000, millis)));
      // Where there was no space for the commit, there is none for its marker.
      boolean applied =
          (database.dialect().isFull(doubt) || !giveUp(connection, marker))
              && APPLIED.equals(state(connection, marker));
      alive = true;
      return applied;
    } finally {
      database.giveBack(connection, alive);
    }
  }

  /** Returns whether the marker is given up now. Waits for the transaction where it still runs. */
  private boolean giveUp(Connection connection, UUID marker) throws SQLException {
    try {
      insert(connection, marker, GIVEN_UP);
      return true;
    } catch (SQLException e) {
      if (database.dialect().isDuplicate(e)) {
        return false;
      }
      throw e;
    }
  }

  private static String state(Connection connection, UUID marker) throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement("SELECT state FROM firn_commits WHERE marker = ?")) {
      select.setString(1, marker.toString());
      try (ResultSet rows = select.executeQuery()) {
        return rows.next() ? rows.getString(1) : GIVEN_UP;
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

  /** Removes markers that nobody can ask for any more, once in many calls. Never fails. */
  void removeOldSometimes() {
    if (writes.incrementAndGet() % WRITES_BETWEEN_REMOVALS != 0) {
      return;
    }
    try {
      removeOld();
    } catch (SQLException e) {
      // They are removed the next time.
    }
  }

  private void removeOld() throws SQLException {
    Connection connection = database.connection();
    boolean alive = false;
    try (PreparedStatement delete =
        connection.prepareStatement(
            "DELETE FROM firn_commits WHERE marker IN (SELECT marker FROM firn_commits WHERE"
                + " made_at < %s - ? ORDER BY made_at LIMIT ?%s)"
                    .formatted(database.dialect().now(), database.dialect().skipLocked()))) {
      delete.setLong(1, KEPT_MILLIS);
      delete.setInt(2, 2 * WRITES_BETWEEN_REMOVALS);
      delete.executeUpdate();
      alive = true;
    } finally {
      database.giveBack(connection, alive);
    }
  }
}
