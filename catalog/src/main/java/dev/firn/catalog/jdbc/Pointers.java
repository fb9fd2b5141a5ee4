package dev.firn.catalog.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.iceberg.catalog.TableIdentifier;
import org.jspecify.annotations.Nullable;

/** Which metadata file of each table is current. Thread-safe. */
public final class Pointers {
  private static final String KEY =
      " WHERE catalog_name = ? AND table_namespace = ? AND table_name = ?";
  private static final String TABLES_ONLY = " AND (iceberg_type = 'TABLE' OR iceberg_type IS NULL)";

  /** Databases bound the parameters of a statement. */
  private static final int MOST_AT_ONCE = 1_000;

  private static final int MOST_NAMED = 5;

  private final Database database;
  private final String catalog;
  private final Channels channels;

  public Pointers(Database database, String catalog) {
    this.database = database;
    this.catalog = catalog;
    this.channels = new Channels(database, catalog);
  }

  /**
   * One table's step.
   *
   * @param from the metadata location that must be current; null where the table must not exist
   * @param to the metadata location that becomes current: unique, never used before
   */
  public record Move(TableIdentifier table, @Nullable String from, String to) {}

  /**
   * A table that stays as it is, and must still be so.
   *
   * @param at the metadata location that must be current
   */
  public record Unchanged(TableIdentifier table, String at) {}

  /** Everything that takes effect together, or not at all. */
  public record Swap(
      List<Move> moves, List<Unchanged> unchanged, List<ChannelMove> channels, List<UUID> intents) {
    public Swap(List<Move> moves, List<ChannelMove> channels, List<UUID> intents) {
      this(moves, List.of(), channels, intents);
    }
  }

  private interface Check {
    boolean passes(Connection connection) throws SQLException;
  }

  /** What happens to one row, if it has the expected location; null where there must be none. */
  private record Step(TableIdentifier table, @Nullable String expected, Check check) {}

  /** How a swap ended, where that is known. */
  public sealed interface Result {
    /** It took effect. */
    record Applied() implements Result {}

    /**
     * Nothing took effect: these tables' pointers are not where the swap expected them, or the
     * tables are gone. Tables that could not be moved only because of these are not among them.
     */
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
   * Returns the current metadata locations of all of {@code tables} that exist, as they are at one
   * moment: no swap is seen in part.
   */
  public Map<TableIdentifier, String> findAll(Collection<TableIdentifier> tables) {
    if (tables.isEmpty()) {
      return Map.of();
    }
    List<TableIdentifier> distinct = List.copyOf(new LinkedHashSet<>(tables));
    String doing = "look up tables " + names(distinct);
    return distinct.size() <= MOST_AT_ONCE
        ? database.read(doing, connection -> locations(connection, distinct))
        : database.readTogether(doing, connection -> inParts(connection, distinct));
  }

  private Map<TableIdentifier, String> inParts(Connection connection, List<TableIdentifier> tables)
      throws SQLException {
    Map<TableIdentifier, String> all = new LinkedHashMap<>();
    for (int from = 0; from < tables.size(); from += MOST_AT_ONCE) {
      int to = Math.min(tables.size(), from + MOST_AT_ONCE);
      all.putAll(locations(connection, tables.subList(from, to)));
    }
    return all;
  }

  private Map<TableIdentifier, String> locations(
      Connection connection, List<TableIdentifier> tables) throws SQLException {
    String rows = String.join(", ", Collections.nCopies(tables.size(), "(?, ?)"));
    try (PreparedStatement select =
        connection.prepareStatement(
            "SELECT table_namespace, table_name, metadata_location FROM iceberg_tables WHERE"
                + " catalog_name = ? AND (table_namespace, table_name) IN (VALUES "
                + rows
                + ")"
                + TABLES_ONLY)) {
      select.setString(1, catalog);
      for (int i = 0; i < tables.size(); i++) {
        select.setString(2 + 2 * i, tables.get(i).namespace().toString());
        select.setString(3 + 2 * i, tables.get(i).name());
      }
      return locations(select, tables);
    }
  }

  private static Map<TableIdentifier, String> locations(
      PreparedStatement select, List<TableIdentifier> asked) throws SQLException {
    Map<String, Map<String, String>> found = new HashMap<>();
    try (ResultSet rows = select.executeQuery()) {
      while (rows.next()) {
        String location = rows.getString(3);
        if (location != null) {
          found
              .computeIfAbsent(rows.getString(1), namespace -> new HashMap<>())
              .put(rows.getString(2), location);
        }
      }
    }
    Map<TableIdentifier, String> all = new LinkedHashMap<>();
    for (TableIdentifier table : asked) {
      String location =
          found.getOrDefault(table.namespace().toString(), Map.of()).get(table.name());
      if (location != null) {
        all.put(table, location);
      }
    }
    return all;
  }

  /**
   * Moves all pointers, in one transaction, or none.
   *
   * @throws org.apache.iceberg.exceptions.CommitStateUnknownException where it may or may not have
   *     taken effect: nothing may be cleaned up
   * @throws org.apache.iceberg.exceptions.AlreadyExistsException where a table to be made exists,
   *     or a view of its name
   * @throws org.apache.iceberg.exceptions.NoSuchNamespaceException where its namespace does not
   */
  public Result swap(Swap swap) {
    return database.write(
        "commit to " + names(swap.moves().stream().map(Move::table).toList()),
        connection -> swapIn(connection, swap));
  }

  private Database.Decision<Result> swapIn(Connection connection, Swap swap) throws SQLException {
    List<ChannelMove> fenced = channels.advance(connection, swap.channels());
    List<UUID> swept = Intents.clear(connection, swap.intents());
    if (!fenced.isEmpty() || !swept.isEmpty()) {
      return Database.Decision.rollBack(new Result.Refused(fenced, swept));
    }
    List<Step> steps = steps(swap);
    for (int i = 0; i < steps.size(); i++) {
      if (!steps.get(i).check().passes(connection)) {
        return Database.Decision.rollBack(moved(connection, steps.subList(i, steps.size())));
      }
    }
    return Database.Decision.commit(new Result.Applied());
  }

  /** Of steps that have not been taken, the first of which cannot be. */
  private Result moved(Connection connection, List<Step> steps) throws SQLException {
    List<TableIdentifier> tables = new ArrayList<>();
    tables.add(steps.get(0).table());
    List<Step> rest = steps.stream().skip(1).filter(step -> step.expected() != null).toList();
    if (!rest.isEmpty()) {
      Map<TableIdentifier, String> now =
          inParts(connection, rest.stream().map(Step::table).distinct().toList());
      rest.stream()
          .filter(step -> !Objects.equals(step.expected(), now.get(step.table())))
          .forEach(step -> tables.add(step.table()));
    }
    return new Result.Moved(tables);
  }

  /** In one order everywhere, so that transactions over several tables never deadlock. */
  private List<Step> steps(Swap swap) {
    return Stream.concat(
            swap.moves().stream().map(m -> new Step(m.table(), m.from(), c -> move(c, m))),
            swap.unchanged().stream().map(u -> new Step(u.table(), u.at(), c -> holds(c, u))))
        .sorted(Comparator.comparing(step -> step.table().toString()))
        .toList();
  }

  /** Writes the row as it is: that locks it, on every database, until the swap has ended. */
  private boolean holds(Connection connection, Unchanged unchanged) throws SQLException {
    try (PreparedStatement update =
        connection.prepareStatement(
            "UPDATE iceberg_tables SET metadata_location = metadata_location"
                + KEY
                + " AND metadata_location = ?"
                + TABLES_ONLY)) {
      key(update, 1, unchanged.table());
      update.setString(4, unchanged.at());
      return update.executeUpdate() == 1;
    }
  }

  private boolean move(Connection connection, Move move) throws SQLException {
    String from = move.from();
    if (from == null) {
      Names.create(
          connection, database.dialect(), catalog, move.table(), Names.Kind.TABLE, move.to());
      return true;
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

  private void key(PreparedStatement statement, int from, TableIdentifier table)
      throws SQLException {
    statement.setString(from, catalog);
    statement.setString(from + 1, table.namespace().toString());
    statement.setString(from + 2, table.name());
  }

  private static String names(List<TableIdentifier> tables) {
    String some =
        String.join(
            ", ", tables.stream().limit(MOST_NAMED).map(TableIdentifier::toString).toList());
    return tables.size() <= MOST_NAMED
        ? some
        : "%s and %d more".formatted(some, tables.size() - MOST_NAMED);
  }
}
