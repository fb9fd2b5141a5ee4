package dev.firn.catalog.jdbc;

import dev.firn.error.FirnException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Makes the catalog's tables in the schema of the connection, or brings them to the newest version.
 * Tables that another engine made are kept, with their rows. Stateless.
 *
 * <p>How it works: {@code firn_schema} has a row per version that was reached. Every step is one
 * transaction, under a lock that one process has at a time, and looks again before it does
 * anything: so an outcome in doubt is settled by running it once more.
 */
final class Migrations {
  /** The version of the tables that this code reads and writes. */
  static final int VERSION = 2;

  private static final String TABLES =
      "CREATE TABLE IF NOT EXISTS iceberg_tables(catalog_name VARCHAR(255) NOT NULL,"
          + " table_namespace VARCHAR(255) NOT NULL, table_name VARCHAR(255) NOT NULL,"
          + " metadata_location VARCHAR(1000), previous_metadata_location VARCHAR(1000),"
          + " iceberg_type VARCHAR(5),"
          + " PRIMARY KEY (catalog_name, table_namespace, table_name))";
  private static final String NAMESPACES =
      "CREATE TABLE IF NOT EXISTS iceberg_namespace_properties(catalog_name VARCHAR(255) NOT"
          + " NULL, namespace VARCHAR(255) NOT NULL, property_key VARCHAR(255),"
          + " property_value VARCHAR(1000), PRIMARY KEY (catalog_name, namespace,"
          + " property_key))";

  /** Iceberg's schema V1 has views; V0 does not. */
  private static final String TYPE = "iceberg_type";

  private static final String ADD_TYPE =
      "ALTER TABLE iceberg_tables ADD COLUMN iceberg_type VARCHAR(5)";

  private Migrations() {}

  static void run(String doing, Database database) {
    Dialect dialect = database.dialect();
    if (!database.read(doing, connection -> isNewest(doing, dialect, connection))) {
      database.alter(
          doing,
          connection -> {
            dialect.lockSchema(connection);
            if (!isNewest(doing, dialect, connection)) {
              migrate(dialect, connection);
            }
            return true;
          });
    }
  }

  /**
   * @throws FirnException INVALID where the tables are of a version to come
   */
  private static boolean isNewest(String doing, Dialect dialect, Connection connection)
      throws SQLException {
    int version = version(dialect, connection);
    if (version > VERSION) {
      throw FirnException.invalid(
          "Cannot %s: its tables were made by a newer Firn, expected version %d or older, got %d; use that Firn"
              .formatted(doing, VERSION, version));
    }
    return version == VERSION && columns(dialect, connection, "iceberg_tables").contains(TYPE);
  }

  /** Returns the version that was reached; 0 where Firn has made no tables yet. */
  private static int version(Dialect dialect, Connection connection) throws SQLException {
    if (columns(dialect, connection, "firn_schema").isEmpty()) {
      return 0;
    }
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SELECT max(version) FROM firn_schema")) {
      return rows.next() ? rows.getInt(1) : 0;
    }
  }

  private static void migrate(Dialect dialect, Connection connection) throws SQLException {
    int reached = version(dialect, connection);
    List<String> steps = new ArrayList<>(icebergs(dialect, connection));
    steps.add("CREATE TABLE IF NOT EXISTS firn_schema(version INT NOT NULL PRIMARY KEY)");
    for (int version = reached + 1; version <= VERSION; version++) {
      steps.addAll(step(version));
      steps.add("INSERT INTO firn_schema(version) VALUES (" + version + ")");
    }
    try (Statement statement = connection.createStatement()) {
      for (String each : steps) {
        statement.execute(each);
      }
    }
  }

  private static List<String> icebergs(Dialect dialect, Connection connection) throws SQLException {
    Set<String> found = columns(dialect, connection, "iceberg_tables");
    List<String> all = new ArrayList<>();
    all.add(found.isEmpty() || found.contains(TYPE) ? TABLES : ADD_TYPE);
    all.add(NAMESPACES);
    all.addAll(dialect.indexes());
    return all;
  }

  /** Returns what leads from the version before to this one; never changed once released. */
  private static List<String> step(int version) {
    return switch (version) {
      case 1 ->
          Stream.of(Markers.DDL, List.of(Channels.DDL), Intents.DDL).flatMap(List::stream).toList();
      case 2 ->
          Stream.of(MaintenanceLeases.DDL, MaintenanceHistory.DDL).flatMap(List::stream).toList();
      default -> throw new IllegalArgumentException("No step to version " + version);
    };
  }

  /** Returns the names of the table's columns; none where it is not there. */
  private static Set<String> columns(Dialect dialect, Connection connection, String table)
      throws SQLException {
    try (PreparedStatement select = connection.prepareStatement(dialect.columns())) {
      select.setString(1, table);
      Set<String> names = new HashSet<>();
      try (ResultSet rows = select.executeQuery()) {
        while (rows.next()) {
          names.add(rows.getString(1));
        }
      }
      return names;
    }
  }
}
