package dev.firn.catalog.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.exceptions.AlreadyExistsException;
import org.apache.iceberg.exceptions.NoSuchTableException;
import org.apache.iceberg.exceptions.NoSuchViewException;
import org.jspecify.annotations.Nullable;

/**
 * The tables and views of one catalog by name: rows of {@code iceberg_tables}. A name is a table's
 * or a view's, never both. Thread-safe.
 *
 * <p>Each change is one transaction, applied whole or not at all; where that cannot be told, it
 * throws {@code CommitStateUnknownException}.
 */
public final class Names {
  private static final String KEY =
      " WHERE catalog_name = ? AND table_namespace = ? AND table_name = ?";

  /** What a name stands for. */
  public enum Kind {
    /** PyIceberg, and catalogs made before there were views, leave the type out. */
    TABLE("Table", " AND (iceberg_type = 'TABLE' OR iceberg_type IS NULL)"),
    VIEW("View", " AND iceberg_type = 'VIEW'");

    private final String word;
    private final String guard;

    Kind(String word, String guard) {
      this.word = word;
      this.guard = guard;
    }

    RuntimeException missing(TableIdentifier id) {
      return this == TABLE
          ? new NoSuchTableException("Table does not exist: %s", id)
          : new NoSuchViewException("View does not exist: %s", id);
    }
  }

  private final Database database;
  private final String catalog;

  public Names(Database database, String catalog) {
    this.database = database;
    this.catalog = catalog;
  }

  /** Returns what the name stands for; empty where it is free. */
  public Optional<Kind> kind(TableIdentifier id) {
    return database.read(
        "look up " + id, connection -> Optional.ofNullable(kind(connection, catalog, id)));
  }

  /** Returns the current metadata location of the table or view. */
  public Optional<String> find(TableIdentifier id, Kind kind) {
    return database.read(
        "look up " + id,
        connection -> {
          try (PreparedStatement select = connection.prepareStatement(findSql(kind))) {
            key(select, 1, catalog, id);
            try (ResultSet rows = select.executeQuery()) {
              return rows.next() ? Optional.ofNullable(rows.getString(1)) : Optional.empty();
            }
          }
        });
  }

  static String findSql(Kind kind) {
    return "SELECT metadata_location FROM iceberg_tables" + KEY + kind.guard;
  }

  /** Returns the tables, or the views, directly in a namespace, by name. */
  public List<TableIdentifier> list(Namespace namespace, Kind kind) {
    return database.read(
        "list namespace " + namespace,
        connection -> {
          List<TableIdentifier> all = new ArrayList<>();
          try (PreparedStatement select = connection.prepareStatement(listSql(kind))) {
            select.setString(1, catalog);
            select.setString(2, namespace.toString());
            try (ResultSet rows = select.executeQuery()) {
              while (rows.next()) {
                all.add(TableIdentifier.of(namespace, rows.getString(1)));
              }
            }
          }
          return all;
        });
  }

  static String listSql(Kind kind) {
    return "SELECT table_name FROM iceberg_tables WHERE catalog_name = ? AND table_namespace = ?"
        + kind.guard
        + " ORDER BY table_name";
  }

  /**
   * Takes a name.
   *
   * @throws AlreadyExistsException where a table or a view has it
   * @throws org.apache.iceberg.exceptions.NoSuchNamespaceException where its namespace is missing
   */
  public void create(TableIdentifier id, Kind kind, String location) {
    database.write(
        "create " + id,
        connection -> {
          create(connection, database.dialect(), catalog, id, kind, location);
          return Database.Decision.commit(true);
        });
  }

  /** As {@link #create(TableIdentifier, Kind, String)}, as part of a transaction. */
  static void create(
      Connection connection,
      Dialect dialect,
      String catalog,
      TableIdentifier id,
      Kind kind,
      String location)
      throws SQLException {
    Namespaces.hold(connection, dialect, catalog, id.namespace());
    try (PreparedStatement insert =
        connection.prepareStatement(
            "INSERT INTO iceberg_tables(catalog_name, table_namespace, table_name,"
                + " metadata_location, previous_metadata_location, iceberg_type)"
                + " VALUES (?, ?, ?, ?, NULL, ?) ON CONFLICT DO NOTHING")) {
      key(insert, 1, catalog, id);
      insert.setString(4, location);
      insert.setString(5, kind.name());
      if (insert.executeUpdate() == 1) {
        return;
      }
    }
    Kind taken = kind(connection, catalog, id);
    String word = taken == null ? kind.word : taken.word;
    throw new AlreadyExistsException(
        taken == kind || taken == null
            ? "%s already exists: %s"
            : "%s with same name already exists: %s",
        word,
        id);
  }

  /** Moves a view's pointer; false, and nothing is changed, where it is not at {@code from}. */
  public boolean swapView(TableIdentifier id, String from, String to) {
    return database.write(
        "commit to view " + id,
        connection -> {
          try (PreparedStatement update =
              connection.prepareStatement(
                  "UPDATE iceberg_tables SET metadata_location = ?, previous_metadata_location = ?"
                      + KEY
                      + " AND metadata_location = ?"
                      + Kind.VIEW.guard)) {
            update.setString(1, to);
            update.setString(2, from);
            key(update, 3, catalog, id);
            update.setString(6, from);
            boolean moved = update.executeUpdate() == 1;
            return new Database.Decision<>(moved, moved);
          }
        });
  }

  /** Frees a name; false, and nothing is changed, where its pointer is not at {@code location}. */
  public boolean drop(TableIdentifier id, Kind kind, String location) {
    return drop(id, kind, location, null);
  }

  /** As {@link #drop}, of a table that goes for good, with its channels and maintenance. */
  public boolean purge(TableIdentifier id, String location, String tableUuid) {
    return drop(id, Kind.TABLE, location, tableUuid);
  }

  private boolean drop(
      TableIdentifier id, Kind kind, String location, @Nullable String withChannelsOf) {
    return database.write(
        "drop " + id,
        connection -> {
          try (PreparedStatement delete =
              connection.prepareStatement(
                  "DELETE FROM iceberg_tables" + KEY + " AND metadata_location = ?" + kind.guard)) {
            key(delete, 1, catalog, id);
            delete.setString(4, location);
            boolean dropped = delete.executeUpdate() == 1;
            if (dropped && withChannelsOf != null) {
              new Channels(database, catalog).removeAll(connection, withChannelsOf);
              new MaintenanceHistory(database, catalog).removeAll(connection, withChannelsOf);
            }
            return new Database.Decision<>(dropped, dropped);
          }
        });
  }

  /**
   * Gives a table or view another name, in one statement; its files stay where they are.
   *
   * @throws AlreadyExistsException where a table or a view has the new name
   * @throws org.apache.iceberg.exceptions.NoSuchNamespaceException where the new name's is missing
   */
  public void rename(TableIdentifier from, TableIdentifier to, Kind kind) {
    database.write(
        "rename " + from + " to " + to,
        connection -> {
          if (kind(connection, catalog, from) != kind) {
            throw kind.missing(from);
          }
          if (from.equals(to)) {
            return Database.Decision.rollBack(true);
          }
          Namespaces.hold(connection, database.dialect(), catalog, to.namespace());
          Kind taken = kind(connection, catalog, to);
          if (taken != null) {
            throw taken(from, to, taken);
          }
          if (!move(connection, from, to, kind)) {
            throw kind.missing(from);
          }
          return Database.Decision.commit(true);
        });
  }

  private boolean move(Connection connection, TableIdentifier from, TableIdentifier to, Kind kind)
      throws SQLException {
    try (PreparedStatement update =
        connection.prepareStatement(
            "UPDATE iceberg_tables SET table_namespace = ?, table_name = ?" + KEY + kind.guard)) {
      update.setString(1, to.namespace().toString());
      update.setString(2, to.name());
      key(update, 3, catalog, from);
      return update.executeUpdate() == 1;
    } catch (SQLException e) {
      if (database.dialect().isDuplicate(e)) {
        throw taken(from, to, kind);
      }
      throw e;
    }
  }

  private static AlreadyExistsException taken(
      TableIdentifier from, TableIdentifier to, Kind taken) {
    return new AlreadyExistsException(
        "Cannot rename %s to %s. %s already exists", from, to, taken.word);
  }

  private static @Nullable Kind kind(Connection connection, String catalog, TableIdentifier id)
      throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement("SELECT iceberg_type FROM iceberg_tables" + KEY)) {
      key(select, 1, catalog, id);
      try (ResultSet rows = select.executeQuery()) {
        if (!rows.next()) {
          return null;
        }
        return Kind.VIEW.name().equals(rows.getString(1)) ? Kind.VIEW : Kind.TABLE;
      }
    }
  }

  private static void key(PreparedStatement statement, int from, String catalog, TableIdentifier id)
      throws SQLException {
    statement.setString(from, catalog);
    statement.setString(from + 1, id.namespace().toString());
    statement.setString(from + 2, id.name());
  }
}
