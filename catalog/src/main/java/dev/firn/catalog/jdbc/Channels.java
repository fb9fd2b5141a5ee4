package dev.firn.catalog.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/** The last durable token of every channel, moved in the swap's transaction. Thread-safe. */
public final class Channels {
  static final String DDL =
      "CREATE TABLE IF NOT EXISTS firn_channels(catalog_name VARCHAR(255) NOT NULL, table_uuid"
          + " VARCHAR(36) NOT NULL, channel VARCHAR(255) NOT NULL, epoch BIGINT NOT NULL, token"
          + " VARCHAR(4000), snapshot_id BIGINT, updated_at BIGINT NOT NULL, PRIMARY KEY"
          + " (catalog_name, table_uuid, channel))";

  private Channels() {}

  /** Moves every channel to its token; returns those whose epoch is no longer theirs. */
  static List<ChannelMove> advance(Connection connection, List<ChannelMove> moves)
      throws SQLException {
    if (moves.isEmpty()) {
      return List.of();
    }
    throw new UnsupportedOperationException("SKELETON");
  }
}
