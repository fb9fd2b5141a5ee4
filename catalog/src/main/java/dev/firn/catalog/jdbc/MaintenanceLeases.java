package dev.firn.catalog.jdbc;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Who maintains which table, until when by the database's clock, and which tables are paused.
 * Thread-safe; borrows the database.
 *
 * <p>How it works: a row per table holds the epoch of its last lease. A table that nobody holds, or
 * whose holder's time is over, is taken by raising the epoch, in one statement; so of several that
 * try, one has it. Renewing and releasing name the epoch, so that a holder whose lease another has
 * taken changes nothing any more. The clocks of the holders are not looked at.
 */
public final class MaintenanceLeases {
  /** Stands for all tables of a catalog where it is paused, or work is not of one table. */
  public static final String CATALOG = "*";

  static final List<String> DDL =
      List.of(
          "CREATE TABLE IF NOT EXISTS firn_maintenance(catalog_name VARCHAR(255) NOT NULL,"
              + " table_uuid VARCHAR(36) NOT NULL, table_name VARCHAR(511) NOT NULL, holder"
              + " VARCHAR(255) NOT NULL, epoch BIGINT NOT NULL, lease_until BIGINT NOT NULL, paused"
              + " SMALLINT NOT NULL, PRIMARY KEY (catalog_name, table_uuid))");

  private static final String NONE = "";
  private static final int MAX_HOLDER = 255;
  static final int MAX_NAME = 511;
  private static final String KEY = " WHERE catalog_name = ? AND table_uuid = ?";
  private static final String CATALOG_PAUSED =
      "EXISTS (SELECT 1 FROM firn_maintenance p WHERE p.catalog_name = ? AND p.table_uuid = '"
          + CATALOG
          + "' AND p.paused = 1)";

  private final Database database;
  private final String catalog;

  public MaintenanceLeases(Database database, String catalog) {
    this.database = database;
    this.catalog = catalog;
  }

  /**
   * What is known of one table.
   *
   * @param tableUuid the table's id, or {@link #CATALOG}
   * @param tableName as it was when the row was last written
   * @param holder who works on it, empty where nobody does
   */
  public record State(
      String tableUuid, String tableName, Optional<String> holder, boolean paused) {}

  /**
   * Takes the table for {@code lease} from now; returns the lease's epoch, or empty where another
   * has it, or the table or the catalog is paused.
   *
   * @param holder shown to people who ask who works on it
   */
  public OptionalLong acquire(String tableUuid, String tableName, String holder, Duration lease) {
    String now = database.dialect().now();
    String sql =
        "INSERT INTO firn_maintenance(catalog_name, table_uuid, table_name, holder, epoch,"
            + " lease_until, paused) SELECT ?, ?, ?, ?, 1, "
            + now
            + " + ?, 0 WHERE NOT "
            + CATALOG_PAUSED
            + " ON CONFLICT (catalog_name, table_uuid) DO UPDATE SET table_name ="
            + " excluded.table_name, holder = excluded.holder, epoch = firn_maintenance.epoch + 1,"
            + " lease_until = excluded.lease_until WHERE firn_maintenance.paused = 0 AND"
            + " firn_maintenance.lease_until <= "
            + now
            + " RETURNING epoch";
    return database.write(
        "lease the maintenance of " + tableName,
        connection -> {
          try (PreparedStatement take = connection.prepareStatement(sql)) {
            key(take, 1, tableUuid);
            take.setString(3, shortened(tableName, MAX_NAME));
            take.setString(4, shortened(holder, MAX_HOLDER));
            take.setLong(5, lease.toMillis());
            take.setString(6, catalog);
            try (ResultSet rows = take.executeQuery()) {
              return rows.next()
                  ? Database.Decision.commit(OptionalLong.of(rows.getLong(1)))
                  : Database.Decision.rollBack(OptionalLong.empty());
            }
          }
        });
  }

  /**
   * Prolongs a lease from now on; false where another has the table, or it is paused: the holder
   * then stops. A lease that has run out and that nobody took goes on.
   */
  public boolean renew(String tableUuid, long epoch, Duration lease) {
    String sql =
        "UPDATE firn_maintenance SET lease_until = "
            + database.dialect().now()
            + " + ?"
            + KEY
            + " AND epoch = ? AND paused = 0 AND holder <> '' AND NOT "
            + CATALOG_PAUSED;
    return database.write(
        "renew a lease of maintenance",
        connection -> {
          try (PreparedStatement renew = connection.prepareStatement(sql)) {
            renew.setLong(1, lease.toMillis());
            key(renew, 2, tableUuid);
            renew.setLong(4, epoch);
            renew.setString(5, catalog);
            return Database.Decision.commit(renew.executeUpdate() == 1);
          }
        });
  }

  /** Ends a lease; nothing where another has the table by now. */
  public void release(String tableUuid, long epoch) {
    database.write(
        "release a lease of maintenance",
        connection -> {
          try (PreparedStatement release =
              connection.prepareStatement(
                  "UPDATE firn_maintenance SET holder = '', lease_until = 0"
                      + KEY
                      + " AND epoch = ?")) {
            key(release, 1, tableUuid);
            release.setLong(3, epoch);
            return Database.Decision.commit(release.executeUpdate());
          }
        });
  }

  /**
   * Pauses a table, or with {@link #CATALOG} all of them, or lets it go on. Work under way is given
   * up where it renews its lease next.
   */
  public void pause(String tableUuid, String tableName, boolean paused) {
    String sql =
        "INSERT INTO firn_maintenance(catalog_name, table_uuid, table_name, holder, epoch,"
            + " lease_until, paused) VALUES (?, ?, ?, '', 0, 0, ?) ON CONFLICT (catalog_name,"
            + " table_uuid) DO UPDATE SET table_name = excluded.table_name, paused ="
            + " excluded.paused";
    database.write(
        (paused ? "pause" : "resume") + " the maintenance of " + tableName,
        connection -> {
          try (PreparedStatement upsert = connection.prepareStatement(sql)) {
            key(upsert, 1, tableUuid);
            upsert.setString(3, shortened(tableName, MAX_NAME));
            upsert.setInt(4, paused ? 1 : 0);
            return Database.Decision.commit(upsert.executeUpdate());
          }
        });
  }

  /** Returns every table that was ever leased or paused, by name; the catalog's row first. */
  public List<State> list() {
    String sql =
        "SELECT table_uuid, table_name, CASE WHEN lease_until > "
            + database.dialect().now()
            + " THEN holder ELSE '' END AS holder, paused FROM firn_maintenance WHERE catalog_name"
            + " = ? ORDER BY CASE WHEN table_uuid = '"
            + CATALOG
            + "' THEN 0 ELSE 1 END, table_name, table_uuid";
    return database.read(
        "list maintenance",
        connection -> {
          try (PreparedStatement select = connection.prepareStatement(sql)) {
            select.setString(1, catalog);
            List<State> all = new ArrayList<>();
            try (ResultSet rows = select.executeQuery()) {
              while (rows.next()) {
                String holder = rows.getString("holder");
                all.add(
                    new State(
                        rows.getString("table_uuid"),
                        rows.getString("table_name"),
                        holder.equals(NONE) ? Optional.empty() : Optional.of(holder),
                        rows.getInt("paused") == 1));
              }
            }
            return all;
          }
        });
  }

  /** Returns whether the table, or the whole catalog, is paused. */
  public boolean isPaused(String tableUuid) {
    return database.read(
        "look up maintenance",
        connection -> {
          try (PreparedStatement select =
              connection.prepareStatement(
                  "SELECT 1 FROM firn_maintenance WHERE catalog_name = ? AND table_uuid IN (?, '"
                      + CATALOG
                      + "') AND paused = 1")) {
            key(select, 1, tableUuid);
            try (ResultSet rows = select.executeQuery()) {
              return rows.next();
            }
          }
        });
  }

  private void key(PreparedStatement statement, int from, String tableUuid) throws SQLException {
    statement.setString(from, catalog);
    statement.setString(from + 1, tableUuid);
  }

  static String shortened(String text, int most) {
    return text.length() > most ? text.substring(0, most) : text;
  }
}
