package dev.firn.catalog.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.exceptions.AlreadyExistsException;
import org.jspecify.annotations.Nullable;

/** Which metadata file of each table is current. Thread-safe. */
public final class Pointers {
  private static final String KEY =
      " WHERE catalog_name = ? AND table_namespace = ? AND table_name = ?";
  private static final String TABLES_ONLY = " AND (iceberg_type = 'TABLE' OR iceberg_type IS NULL)";

  private final Database database;
  private final String catalog;

  public Pointers(Database database, String catalog) {
    this.database = database;
    this.catalog = catalog;
  }

  /**
   * One table's step.
   *
   * @param from the metadata location that must be current; null where the table must not exist
   * @param to the metadata location that becomes current: unique, never used before
   */
  public record Move(TableIdentifier table, @Nullable String from, String to) {}

  /** Everything that takes effect together, or not at all. */
  public record Swap(List<Move> moves, List<ChannelMove> channels, List<UUID> intents) {}

  /** How a swap ended, where that is known. */
  public sealed interface Result {
    /** It took effect. */
    record Applied() implements Result {}

    /** Nothing took effect: these tables' pointers are not where the swap expected them. */
    record Moved(List<TableIdentifier> tables) implements Result {}

    /** Nothing took effect: these channels belong to another writer, these intents were swept. */
    record Refused(List<ChannelMove> channels, List<UUID> intents) implements Result {}
  }

  /** Returns the table's current metadata location. */
  public Optional<String> find(TableIdentifier table) {
    return database.read(
        "look up table " + table,
        connection -> {
          try (PreparedStatement select =
              connection.prepareStatement(
                  "SELECT metadata_location FROM iceberg_tables" + KEY + TABLES_ONLY)) {
            key(select, 1, table);
            try (ResultSet rows = select.executeQuery()) {
              return rows.next() ? Optional.ofNullable(rows.getString(1)) : Optional.empty();
            }
          }
        });
  }

  /**
   * Moves all pointers, in one transaction, or none.
   *
   * @throws org.apache.iceberg.exceptions.CommitStateUnknownException where it may or may not have
   *     taken effect: nothing may be cleaned up
   * @throws AlreadyExistsException where a table to be made exists, or a view of its name
   */
  public Result swap(Swap swap) {
    return database.write(
        "commit to " + names(swap.moves()), connection -> swapIn(connection, swap));
  }

  private Database.Decision<Result> swapIn(Connection connection, Swap swap) throws SQLException {
    List<ChannelMove> fenced = Channels.advance(connection, swap.channels());
    List<UUID> swept = Intents.clear(connection, swap.intents());
    if (!fenced.isEmpty() || !swept.isEmpty()) {
      return Database.Decision.rollBack(new Result.Refused(fenced, swept));
    }
    List<TableIdentifier> moved = new ArrayList<>();
    // In one order everywhere, so that transactions over several tables never deadlock.
    for (Move move :
        swap.moves().stream().sorted(Comparator.comparing(m -> m.table().toString())).toList()) {
      if (!move(connection, move)) {
        moved.add(move.table());
        break;
      }
    }
    return moved.isEmpty()
        ? Database.Decision.commit(new Result.Applied())
        : Database.Decision.rollBack(new Result.Moved(moved));
  }

  private boolean move(Connection connection, Move move) throws SQLException {
    String from = move.from();
    if (from == null) {
      return create(connection, move);
    }
    try (PreparedStatement update =
        connection.prepareStatement(
            "UPDATE iceberg_tables SET metadata_location = ?, previous_metadata_location = ?"
                + KEY
                + " AND metadata_location = ?"
                + TABLES_ONLY)) {
      update.setString(1, move.to());
      update.setString(2, from);
      key(update, 3, move.table());
      update.setString(6, from);
      return update.executeUpdate() == 1;
    }
  }

  private boolean create(Connection connection, Move move) throws SQLException {
    try (PreparedStatement insert =
        connection.prepareStatement(
            "INSERT INTO iceberg_tables(catalog_name, table_namespace, table_name,"
                + " metadata_location, previous_metadata_location, iceberg_type)"
                + " VALUES (?, ?, ?, ?, NULL, 'TABLE')")) {
      key(insert, 1, move.table());
      insert.setString(4, move.to());
      return insert.executeUpdate() == 1;
    } catch (SQLException e) {
      if (database.dialect().isDuplicate(e)) {
        throw new AlreadyExistsException(e, "Table already exists: %s", move.table());
      }
      throw e;
    }
  }

  private void key(PreparedStatement statement, int from, TableIdentifier table)
      throws SQLException {
    statement.setString(from, catalog);
    statement.setString(from + 1, table.namespace().toString());
    statement.setString(from + 2, table.name());
  }

  private static String names(List<Move> moves) {
    return String.join(", ", moves.stream().map(move -> move.table().toString()).toList());
  }
}
