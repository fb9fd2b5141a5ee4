package dev.firn.catalog.jdbc;

import dev.firn.error.FirnException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
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
  static final int VERSION = 1;

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
    if (!database.read(doing, connection -> isNewest(doing, database.dialect(), connection))) {
      database.alter(
          doing,
          connection -> {
            database.dialect().lockSchema(connection);
            if (!isNewest(doing, database.dialect(), connection)) {
              migrate(database.dialect(), connection);
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
    if (columns(dialect, connection, "firn_schema").isEmpty()) {
      return false;
    }
    int version = version(connection);
    if (version > VERSION) {
      throw FirnException.invalid(
          "Cannot %s: its tables were made by a newer Firn, expected version %d or older, got %d; use that Firn"
              .formatted(doing, VERSION, version));
    }
    return version == VERSION && columns(dialect, connection, "iceberg_tables").contains(TYPE);
  }

  private static int version(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SELECT max(version) FROM firn_schema")) {
      return rows.next() ? rows.getInt(1) : 0;
    }
  }

  private static void migrate(Dialect dialect, Connection connection) throws SQLException {
    Set<String> found = columns(dialect, connection, "iceberg_tables");
    Stream<String> icebergs =
        found.isEmpty() || found.contains(TYPE)
            ? Stream.of(TABLES, NAMESPACES)
            : Stream.of(ADD_TYPE, NAMESPACES);
    Stream<List<String>> ours =
        Stream.of(dialect.indexes(), Markers.DDL, List.of(Channels.DDL), Intents.DDL);
    List<String> all = Stream.concat(icebergs, ours.flatMap(List::stream)).toList();
    try (Statement statement = connection.createStatement()) {
      for (String each : all) {
        statement.execute(each);
      }
      statement.execute("CREATE TABLE IF NOT EXISTS firn_schema(version INT NOT NULL PRIMARY KEY)");
      statement.execute(
          "INSERT INTO firn_schema(version) VALUES (" + VERSION + ") ON CONFLICT DO NOTHING");
    }
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
