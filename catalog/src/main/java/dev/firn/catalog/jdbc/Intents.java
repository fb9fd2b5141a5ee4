package dev.firn.catalog.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.UUID;

/** What writers are about to create, until a commit clears it. Thread-safe. */
public final class Intents {
  static final String DDL =
      "CREATE TABLE IF NOT EXISTS firn_intents(catalog_name VARCHAR(255) NOT NULL, intent"
          + " VARCHAR(36) NOT NULL PRIMARY KEY)";

  private Intents() {}

  /** Clears intents whose files are part of a table from now on; returns those that were swept. */
  static List<UUID> clear(Connection connection, List<UUID> intents) throws SQLException {
    if (intents.isEmpty()) {
      return List.of();
    }
    throw new UnsupportedOperationException("SKELETON");
  }
}
