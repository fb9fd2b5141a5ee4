package dev.firn.catalog.jdbc;

import dev.firn.error.FirnException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The last durable token of every channel, moved in the swap's transaction. Thread-safe; borrows
 * the database.
 *
 * <p>How it works: a row per channel holds its epoch, the number of moves since that epoch began,
 * and the token. Opening raises the epoch; a move applies only where epoch and number are the
 * writer's own. So a writer that another has superseded changes nothing any more, and of several
 * moves in flight none applies after one that failed. Removing leaves the row, hidden, so that the
 * epoch never comes back; the rows go where the table is purged.
 */
public final class Channels {
  /** The longest token, in characters. */
  public static final int MAX_TOKEN = 4_000;

  /** The longest name of a channel, in characters. */
  public static final int MAX_NAME = 255;

  static final String DDL =
      "CREATE TABLE IF NOT EXISTS firn_channels(catalog_name VARCHAR(255) NOT NULL, table_uuid"
          + " VARCHAR(36) NOT NULL, channel VARCHAR(255) NOT NULL, epoch BIGINT NOT NULL, steps"
          + " BIGINT NOT NULL, removed SMALLINT NOT NULL, token TEXT, snapshot_id BIGINT,"
          + " updated_at BIGINT NOT NULL, PRIMARY KEY (catalog_name, table_uuid, channel))";

  private static final String OF_TABLE = " WHERE catalog_name = ? AND table_uuid = ?";
  private static final String KEY = OF_TABLE + " AND channel = ?";

  private final Database database;
  private final String catalog;

  public Channels(Database database, String catalog) {
    this.database = database;
    this.catalog = catalog;
  }

  /**
   * Makes the caller the channel's only writer: raises its epoch, so that commits of all earlier
   * ones are refused, and returns where it stands.
   *
   * @throws FirnException INVALID for a name that is blank or longer than {@value #MAX_NAME}
   */
  public ChannelState open(String tableUuid, String channel) {
    checkName(channel);
    String sql =
        "INSERT INTO firn_channels(catalog_name, table_uuid, channel, epoch, steps, removed,"
            + " updated_at) VALUES (?, ?, ?, 1, 0, 0, "
            + now()
            + ") ON CONFLICT (catalog_name, table_uuid, channel) DO UPDATE SET"
            + " epoch = firn_channels.epoch + 1, steps = 0, removed = 0, updated_at = "
            + now()
            + " RETURNING channel, epoch, token, snapshot_id, updated_at";
    return database.write(
        "open channel " + channel,
        connection -> {
          try (PreparedStatement open = connection.prepareStatement(sql)) {
            key(open, 1, tableUuid, channel);
            return Database.Decision.commit(states(open).get(0));
          }
        });
  }

  /** Returns the table's channels by name. */
  public List<ChannelState> list(String tableUuid) {
    return database.read(
        "list channels",
        connection -> {
          try (PreparedStatement select =
              connection.prepareStatement(
                  "SELECT channel, epoch, token, snapshot_id, updated_at FROM firn_channels"
                      + OF_TABLE
                      + " AND removed = 0 ORDER BY channel")) {
            table(select, 1, tableUuid);
            return states(select);
          }
        });
  }

  /**
   * Forgets the channel's token and shuts its writer out. Opened again, it begins without a token.
   * Returns false where there is none.
   */
  public boolean remove(String tableUuid, String channel) {
    String sql =
        "UPDATE firn_channels SET epoch = epoch + 1, steps = 0, removed = 1, token = NULL,"
            + " snapshot_id = NULL, updated_at = "
            + now()
            + KEY
            + " AND removed = 0";
    return database.write(
        "remove channel " + channel,
        connection -> {
          try (PreparedStatement remove = connection.prepareStatement(sql)) {
            key(remove, 1, tableUuid, channel);
            return Database.Decision.commit(remove.executeUpdate() == 1);
          }
        });
  }

  /**
   * Moves a channel alone, without a commit of rows. Returns false, and nothing was applied, where
   * the move is refused.
   *
   * @throws org.apache.iceberg.exceptions.CommitStateUnknownException where it may or may not have
   *     been applied
   */
  public boolean move(ChannelMove move) {
    return database.write(
        "move channel " + move.channel(),
        connection ->
            advance(connection, List.of(move)).isEmpty()
                ? Database.Decision.commit(true)
                : Database.Decision.rollBack(false));
  }

  /** Removes all rows of a table that is gone for good, in the transaction that drops it. */
  void removeAll(Connection connection, String tableUuid) throws SQLException {
    try (PreparedStatement delete =
        connection.prepareStatement("DELETE FROM firn_channels" + OF_TABLE)) {
      table(delete, 1, tableUuid);
      delete.executeUpdate();
    }
  }

  /** What is one row's move: of several in a group, the last token wins. */
  private record Writer(String tableUuid, String channel, long epoch) {
    static Writer of(ChannelMove move) {
      return new Writer(move.tableUuid(), move.channel(), move.epoch());
    }
  }

  /** The moves of one writer in a group, in order and without a gap. */
  private record Steps(long first, ChannelMove last) {
    boolean precedes(ChannelMove move) {
      return last.step() + 1 == move.step();
    }
  }

  /**
   * Moves every channel to its token; returns the moves that are refused, in which case the caller
   * rolls back. Moves of one writer come in their order. A move that names no snapshot leaves the
   * row's.
   */
  List<ChannelMove> advance(Connection connection, List<ChannelMove> moves) throws SQLException {
    if (moves.isEmpty()) {
      return List.of();
    }
    List<ChannelMove> refused = new ArrayList<>();
    Map<Writer, Steps> rows = gather(moves, refused);
    Set<Writer> behind = update(connection, rows);
    moves.stream().filter(move -> behind.contains(Writer.of(move))).forEach(refused::add);
    return refused.stream().distinct().toList();
  }

  /** In one order everywhere, so that swaps that move the same channels never deadlock. */
  private static Map<Writer, Steps> gather(List<ChannelMove> moves, List<ChannelMove> refused) {
    Map<Writer, Steps> rows =
        new TreeMap<>(
            Comparator.comparing(Writer::tableUuid)
                .thenComparing(Writer::channel)
                .thenComparingLong(Writer::epoch));
    for (ChannelMove move : moves) {
      Writer writer = Writer.of(move);
      Steps before = rows.get(writer);
      if (before == null) {
        rows.put(writer, new Steps(move.step(), move));
      } else if (before.precedes(move)) {
        rows.put(writer, new Steps(before.first(), move));
      } else {
        refused.add(move);
      }
    }
    return rows;
  }

  /** Sends all updates at once, and returns the writers whose row is not as they expect it. */
  private Set<Writer> update(Connection connection, Map<Writer, Steps> rows) throws SQLException {
    try (PreparedStatement update =
        connection.prepareStatement(
            "UPDATE firn_channels SET token = ?, steps = ?, snapshot_id = COALESCE(?, snapshot_id),"
                + " updated_at = "
                + now()
                + KEY
                + " AND epoch = ? AND steps = ?")) {
      for (Map.Entry<Writer, Steps> row : rows.entrySet()) {
        ChannelMove last = row.getValue().last();
        update.setString(1, last.token());
        update.setLong(2, last.step());
        snapshot(update, 3, last);
        key(update, 4, last.tableUuid(), last.channel());
        update.setLong(7, last.epoch());
        update.setLong(8, row.getValue().first() - 1);
        update.addBatch();
      }
      int[] counts = update.executeBatch();
      Set<Writer> behind = new HashSet<>();
      int at = 0;
      for (Writer writer : rows.keySet()) {
        if (counts[at++] != 1) {
          behind.add(writer);
        }
      }
      return behind;
    }
  }

  private static void snapshot(PreparedStatement statement, int at, ChannelMove move)
      throws SQLException {
    if (move.snapshotId() == ChannelMove.NO_SNAPSHOT) {
      statement.setNull(at, Types.BIGINT);
    } else {
      statement.setLong(at, move.snapshotId());
    }
  }

  private List<ChannelState> states(PreparedStatement query) throws SQLException {
    List<ChannelState> all = new ArrayList<>();
    try (ResultSet rows = query.executeQuery()) {
      while (rows.next()) {
        long snapshot = rows.getLong("snapshot_id");
        Long snapshotId = rows.wasNull() ? null : snapshot;
        all.add(
            new ChannelState(
                rows.getString("channel"),
                rows.getLong("epoch"),
                rows.getString("token"),
                snapshotId,
                Instant.ofEpochMilli(rows.getLong("updated_at"))));
      }
    }
    return all;
  }

  /**
   * Checks that a token can be kept as it is: at most {@value #MAX_TOKEN} characters of text.
   *
   * @throws FirnException INVALID
   */
  static void checkToken(String channel, String token) {
    int length = token.length();
    if (length > MAX_TOKEN) {
      throw FirnException.invalid(
          "Cannot move channel %s: its token is too long, expected at most %d characters, got %d; keep the rest in a table and its key in the token"
              .formatted(channel, MAX_TOKEN, length));
    }
    if (!isText(token)) {
      throw FirnException.invalid(
          "Cannot move channel %s: its token is not text, expected no U+0000 and no half of a surrogate pair; encode bytes as Base64"
              .formatted(channel));
    }
  }

  private static void checkName(String channel) {
    if (channel.isBlank() || channel.length() > MAX_NAME || !isText(channel)) {
      throw FirnException.invalid(
          "Cannot open channel '%s': bad name, expected 1 to %d characters of text, got %d"
              .formatted(channel, MAX_NAME, channel.length()));
    }
  }

  /** What both databases keep as it is. */
  private static boolean isText(String text) {
    return text.indexOf('\0') < 0 && StandardCharsets.UTF_8.newEncoder().canEncode(text);
  }

  private void key(PreparedStatement statement, int from, String tableUuid, String channel)
      throws SQLException {
    table(statement, from, tableUuid);
    statement.setString(from + 2, channel);
  }

  private void table(PreparedStatement statement, int from, String tableUuid) throws SQLException {
    statement.setString(from, catalog);
    statement.setString(from + 1, tableUuid);
  }

  private String now() {
    return database.dialect().now();
  }
}
