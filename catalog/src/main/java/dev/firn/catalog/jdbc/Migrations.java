package dev.firn.catalog.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/** Makes the catalog's tables, or brings them to the newest version. Stateless. */
final class Migrations {
  private static final List<String> TABLES =
      List.of(
          "CREATE TABLE IF NOT EXISTS iceberg_tables(catalog_name VARCHAR(255) NOT NULL,"
              + " table_namespace VARCHAR(255) NOT NULL, table_name VARCHAR(255) NOT NULL,"
              + " metadata_location VARCHAR(1000), previous_metadata_location VARCHAR(1000),"
              + " iceberg_type VARCHAR(5),"
              + " PRIMARY KEY (catalog_name, table_namespace, table_name))",
          "CREATE TABLE IF NOT EXISTS iceberg_namespace_properties(catalog_name VARCHAR(255) NOT"
              + " NULL, namespace VARCHAR(255) NOT NULL, property_key VARCHAR(255),"
              + " property_value VARCHAR(1000), PRIMARY KEY (catalog_name, namespace,"
              + " property_key))",
          Markers.DDL,
          Channels.DDL,
          Intents.DDL);

  private Migrations() {}

  static void run(Database database) {
    database.read(
        "open the catalog database",
        connection -> {
          create(connection);
          return true;
        });
  }

  private static void create(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      for (String table : TABLES) {
        statement.execute(table);
      }
    }
  }
}
