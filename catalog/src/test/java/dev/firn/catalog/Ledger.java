package dev.firn.catalog;

import dev.firn.catalog.jdbc.Connections;
import dev.firn.catalog.jdbc.Database;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** The rows of the ledger, and time that passes for them. Thread-safe; owns its connections. */
final class Ledger implements AutoCloseable {
  private final Database database;

  private Ledger(Database database) {
    this.database = database;
  }

  static Ledger open(String uri) {
    return new Ledger(Connections.open(uri, Map.of(), UnaryOperator.identity()));
  }

  /** Every process that has a session looks dead from now on, until it renews its lease. */
  void expireSessions() {
    execute("UPDATE firn_sessions SET lease_until = 0");
  }

  /** Every session has a lease that does not end. */
  void reviveSessions() {
    execute("UPDATE firn_sessions SET lease_until = 9000000000000");
  }

  /** Returns the intents by id, with their state's letter. */
  Map<String, String> states() {
    Map<String, String> states = new HashMap<>();
    rows("SELECT intent || state FROM firn_intents")
        .forEach(row -> states.put(row.substring(0, 36), row.substring(36)));
    return states;
  }

  /** Every intent looks that much older. */
  void age(Duration time) {
    execute("UPDATE firn_intents SET changed_at = changed_at - " + time.toMillis());
  }

  void forgetAll() {
    execute("DELETE FROM firn_intent_files");
    execute("DELETE FROM firn_intents");
  }

  List<String> intents() {
    return rows("SELECT intent FROM firn_intents");
  }

  boolean isEmpty() {
    return intents().isEmpty()
        && rows("SELECT location FROM firn_intent_files").isEmpty()
        && rows("SELECT session FROM firn_sessions").isEmpty();
  }

  private List<String> rows(String sql) {
    return database.read(
        "look",
        connection -> {
          List<String> all = new ArrayList<>();
          try (PreparedStatement select = connection.prepareStatement(sql);
              ResultSet rows = select.executeQuery()) {
            while (rows.next()) {
              all.add(rows.getString(1));
            }
          }
          return all;
        });
  }

  private void execute(String sql) {
    database.write(
        "change",
        connection -> {
          try (PreparedStatement update = connection.prepareStatement(sql)) {
            return Database.Decision.commit(update.executeUpdate());
          }
        });
  }

  @Override
  public void close() {
    database.close();
  }
}
