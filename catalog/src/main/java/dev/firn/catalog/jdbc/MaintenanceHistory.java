package dev.firn.catalog.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What was done to keep tables fast, the newest {@value #KEPT} entries of each table and kind of
 * work. Thread-safe; borrows the database, whose clock the times are of.
 */
public final class MaintenanceHistory {
  /** How many entries of one table and one kind of work are kept. */
  public static final int KEPT = 50;

  static final List<String> DDL =
      List.of(
          "CREATE TABLE IF NOT EXISTS firn_maintenance_history(entry VARCHAR(36) NOT NULL PRIMARY"
              + " KEY, catalog_name VARCHAR(255) NOT NULL, table_uuid VARCHAR(36) NOT NULL,"
              + " table_name VARCHAR(511) NOT NULL, kind VARCHAR(40) NOT NULL, started_at BIGINT NOT"
              + " NULL, ended_at BIGINT NOT NULL, outcome VARCHAR(20) NOT NULL, detail TEXT NOT"
              + " NULL)",
          "CREATE INDEX IF NOT EXISTS firn_maintenance_history_by_table ON"
              + " firn_maintenance_history(catalog_name, table_uuid, kind, ended_at)");

  private static final String COLUMNS =
      "table_uuid, table_name, kind, started_at, ended_at, outcome, detail";

  private final Database database;
  private final String catalog;

  public MaintenanceHistory(Database database, String catalog) {
    this.database = database;
    this.catalog = catalog;
  }

  /**
   * One piece of work that has ended.
   *
   * @param kind what was done, at most 40 characters
   * @param outcome how it ended, at most 20 characters
   * @param detail a JSON object
   */
  public record Entry(
      String tableUuid,
      String tableName,
      String kind,
      Instant startedAt,
      Instant endedAt,
      String outcome,
      String detail) {}

  /**
   * Records work that has just ended, and removes the oldest entries of its kind beyond {@value
   * #KEPT}.
   */
  public void record(
      String tableUuid,
      String tableName,
      String kind,
      Duration took,
      String outcome,
      String detail) {
    database.write(
        "record maintenance of " + tableName,
        connection -> {
          try (PreparedStatement insert = connection.prepareStatement(insertSql())) {
            insert.setString(1, UUID.randomUUID().toString());
            insert.setString(2, catalog);
            insert.setString(3, tableUuid);
            insert.setString(4, MaintenanceLeases.shortened(tableName, MaintenanceLeases.MAX_NAME));
            insert.setString(5, kind);
            insert.setLong(6, took.toMillis());
            insert.setString(7, outcome);
            insert.setString(8, detail);
            insert.executeUpdate();
          }
          try (PreparedStatement delete =
              connection.prepareStatement(
                  "DELETE FROM firn_maintenance_history WHERE entry IN (SELECT entry FROM"
                      + " firn_maintenance_history WHERE catalog_name = ? AND table_uuid = ? AND"
                      + " kind = ? ORDER BY ended_at DESC, entry LIMIT 1000 OFFSET "
                      + KEPT
                      + ")")) {
            delete.setString(1, catalog);
            delete.setString(2, tableUuid);
            delete.setString(3, kind);
            delete.executeUpdate();
          }
          return Database.Decision.commit(true);
        });
  }

  /** Returns the time by the database's clock. */
  public Instant now() {
    return database.read(
        "read the database's clock",
        connection -> {
          try (PreparedStatement select =
                  connection.prepareStatement("SELECT " + database.dialect().now());
              ResultSet rows = select.executeQuery()) {
            rows.next();
            return Instant.ofEpochMilli(rows.getLong(1));
          }
        });
  }

  private String insertSql() {
    String now = database.dialect().now();
    return "INSERT INTO firn_maintenance_history(entry, catalog_name, table_uuid, table_name, kind,"
        + " started_at, ended_at, outcome, detail) VALUES (?, ?, ?, ?, ?, "
        + now
        + " - ?, "
        + now
        + ", ?, ?)";
  }

  /**
   * Returns the newest entries, newest first.
   *
   * @param tableUuid of one table; null for all
   */
  public List<Entry> list(@Nullable String tableUuid, int most) {
    String sql =
        "SELECT "
            + COLUMNS
            + " FROM firn_maintenance_history WHERE catalog_name = ?"
            + (tableUuid == null ? "" : " AND table_uuid = ?")
            + " ORDER BY ended_at DESC, entry LIMIT "
            + most;
    return database.read(
        "list what was maintained",
        connection -> {
          try (PreparedStatement select = connection.prepareStatement(sql)) {
            select.setString(1, catalog);
            if (tableUuid != null) {
              select.setString(2, tableUuid);
            }
            return entries(select);
          }
        });
  }

  /**
   * Removes history and lease of a table that is gone for good, in the transaction that drops it.
   */
  void removeAll(Connection connection, String tableUuid) throws SQLException {
    for (String table : List.of("firn_maintenance", "firn_maintenance_history")) {
      try (PreparedStatement delete =
          connection.prepareStatement(
              "DELETE FROM " + table + " WHERE catalog_name = ? AND table_uuid = ?")) {
        delete.setString(1, catalog);
        delete.setString(2, tableUuid);
        delete.executeUpdate();
      }
    }
  }

  private static List<Entry> entries(PreparedStatement select) throws SQLException {
    List<Entry> all = new ArrayList<>();
    try (ResultSet rows = select.executeQuery()) {
      while (rows.next()) {
        all.add(
            new Entry(
                rows.getString("table_uuid"),
                rows.getString("table_name"),
                rows.getString("kind"),
                Instant.ofEpochMilli(rows.getLong("started_at")),
                Instant.ofEpochMilli(rows.getLong("ended_at")),
                rows.getString("outcome"),
                rows.getString("detail")));
      }
    }
    return all;
  }
}
