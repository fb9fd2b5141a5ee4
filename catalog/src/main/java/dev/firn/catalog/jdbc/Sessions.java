package dev.firn.catalog.jdbc;

import java.sql.PreparedStatement;
import java.time.Duration;
import java.util.UUID;

/**
 * The processes that write, each until its lease ends by the database's clock. Thread-safe.
 *
 * <p>A lease says no more than when a sweep may take a process for dead: whether its commits still
 * count is decided by its intents, in the swap.
 */
public final class Sessions {
  static final String DDL =
      "CREATE TABLE IF NOT EXISTS firn_sessions(session VARCHAR(36) NOT NULL PRIMARY KEY, owner"
          + " VARCHAR(255) NOT NULL, lease_until BIGINT NOT NULL)";

  private final Database database;

  public Sessions(Database database) {
    this.database = database;
  }

  /** Makes a session. {@code owner} is shown to people who ask whose files these are. */
  public void begin(UUID session, String owner, Duration lease) {
    write(
        "begin a session",
        "INSERT INTO firn_sessions(owner, lease_until, session) VALUES (?, "
            + database.dialect().now()
            + " + ?, ?)",
        statement -> {
          statement.setString(1, owner.length() > 255 ? owner.substring(0, 255) : owner);
          statement.setLong(2, lease.toMillis());
          statement.setString(3, session.toString());
        });
  }

  /** Prolongs the session from now on; false where there is none any more. */
  public boolean renew(UUID session, Duration lease) {
    return write(
            "renew a session",
            "UPDATE firn_sessions SET lease_until = "
                + database.dialect().now()
                + " + ? WHERE session = ?",
            statement -> {
              statement.setLong(1, lease.toMillis());
              statement.setString(2, session.toString());
            })
        > 0;
  }

  /** Ends the session; what its intents name may be swept from now on. */
  public void end(UUID session) {
    write(
        "end a session",
        "DELETE FROM firn_sessions WHERE session = ?",
        statement -> statement.setString(1, session.toString()));
  }

  /** Removes sessions whose lease ended that long ago, and that have no intents left. */
  public void removeDead(Duration grace) {
    write(
        "remove dead sessions",
        "DELETE FROM firn_sessions WHERE lease_until < "
            + database.dialect().now()
            + " - ? AND NOT EXISTS (SELECT 1 FROM firn_intents i WHERE i.session ="
            + " firn_sessions.session)",
        statement -> statement.setLong(1, grace.toMillis()));
  }

  private interface Parameters {
    void set(PreparedStatement statement) throws java.sql.SQLException;
  }

  private int write(String doing, String sql, Parameters parameters) {
    return database.write(
        doing,
        connection -> {
          try (PreparedStatement statement = connection.prepareStatement(sql)) {
            parameters.set(statement);
            return Database.Decision.commit(statement.executeUpdate());
          }
        });
  }
}
