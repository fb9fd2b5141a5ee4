package dev.firn.catalog.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.exceptions.AlreadyExistsException;
import org.apache.iceberg.exceptions.NamespaceNotEmptyException;
import org.apache.iceberg.exceptions.NoSuchNamespaceException;

/**
 * The namespaces of one catalog and their properties: rows of {@code iceberg_namespace_properties},
 * one of them saying {@code exists}, and what the namespaces of tables and of other namespaces
 * imply. Thread-safe.
 *
 * <p>Each change is one transaction, applied whole or not at all; where that cannot be told, it
 * throws {@code CommitStateUnknownException}.
 */
public final class Namespaces {
  /** The row that keeps a namespace without properties, as Iceberg's own catalog writes it. */
  private static final String EXISTS = "exists";

  private static final String INSERT =
      "INSERT INTO iceberg_namespace_properties(catalog_name, namespace, property_key,"
          + " property_value) VALUES (?, ?, ?, ?)";
  private static final String KEEP = " ON CONFLICT DO NOTHING";
  private static final String REPLACE =
      " ON CONFLICT (catalog_name, namespace, property_key) DO UPDATE SET property_value ="
          + " excluded.property_value";

  /** Precedes every other sign that a name can hold. */
  private static final String LEAST = "\u0001";

  /** Follows every name. */
  private static final String END = Character.toString(Character.MAX_CODE_POINT);

  private final Database database;
  private final String catalog;
  private final NamespaceSql sql;

  public Namespaces(Database database, String catalog) {
    this.database = database;
    this.catalog = catalog;
    this.sql = NamespaceSql.of(database.dialect());
  }

  /** Whether it was created, or has a table, a view or a namespace in it. */
  public boolean exists(Namespace namespace) {
    return namespace.isEmpty()
        || database.read(
            "look up namespace " + namespace,
            connection -> exists(connection, catalog, sql, namespace));
  }

  /** Returns the namespaces directly in {@code parent}, sorted. */
  public List<Namespace> children(Namespace parent) {
    NavigableSet<String> names =
        database.read(
            "list namespaces",
            connection -> {
              NavigableSet<String> all = new TreeSet<>();
              addChildren(connection, sql.childTables(), parent, all);
              addChildren(connection, sql.childNamespaces(), parent, all);
              return all;
            });
    String[] levels = Arrays.copyOf(parent.levels(), parent.length() + 1);
    return names.stream()
        .map(
            name -> {
              levels[parent.length()] = name;
              return Namespace.of(levels.clone());
            })
        .toList();
  }

  /** Returns the properties, in the order of their names. */
  public Map<String, String> properties(Namespace namespace) {
    return database.read(
        "look up namespace " + namespace,
        connection -> {
          require(connection, catalog, sql, namespace);
          return properties(connection, namespace);
        });
  }

  /**
   * Creates a namespace; those above need not be there.
   *
   * @throws AlreadyExistsException where it is there, or implied by what is in it
   */
  public void create(Namespace namespace, Map<String, String> properties) {
    refuseReserved(properties.keySet());
    database.write(
        "create namespace " + namespace,
        connection -> {
          if (exists(connection, catalog, sql, namespace)
              || put(connection, namespace, Map.of(EXISTS, "true"), KEEP) == 0) {
            throw new AlreadyExistsException("Namespace already exists: %s", namespace);
          }
          put(connection, namespace, properties, KEEP);
          return Database.Decision.commit(true);
        });
  }

  /**
   * Drops an empty namespace; false where there is none.
   *
   * @throws NamespaceNotEmptyException where a table, a view or a namespace is in it
   */
  public boolean drop(Namespace namespace) {
    return database.write(
        "drop namespace " + namespace,
        connection -> {
          lock(connection, catalog, sql.lock(), namespace);
          int rows;
          try (PreparedStatement delete =
              connection.prepareStatement(
                  "DELETE FROM iceberg_namespace_properties WHERE catalog_name = ? AND namespace ="
                      + " ?")) {
            set(delete, catalog, namespace.toString());
            rows = delete.executeUpdate();
          }
          // Only now: who creates a table in it holds the rows, so that table is seen here.
          if (exists(connection, catalog, sql, namespace)) {
            throw new NamespaceNotEmptyException(
                "Namespace %s is not empty: it has tables, views or namespaces", namespace);
          }
          return Database.Decision.commit(rows > 0);
        });
  }

  /** Sets properties, keeping the others; whether there was anything to set. */
  public boolean set(Namespace namespace, Map<String, String> properties) {
    refuseReserved(properties.keySet());
    return change(
        namespace,
        connection -> put(connection, namespace, new TreeMap<>(properties), REPLACE) > 0);
  }

  /** Removes properties; whether any was there. */
  public boolean remove(Namespace namespace, Set<String> properties) {
    refuseReserved(properties);
    return change(
        namespace,
        connection -> {
          int removed = 0;
          try (PreparedStatement delete =
              connection.prepareStatement(
                  "DELETE FROM iceberg_namespace_properties WHERE catalog_name = ? AND namespace ="
                      + " ? AND property_key = ?")) {
            for (String property : properties) {
              set(delete, catalog, namespace.toString(), property);
              removed += delete.executeUpdate();
            }
          }
          return removed > 0;
        });
  }

  /**
   * Within a transaction that puts something into a namespace: makes sure that it is there, and
   * stays until the transaction has ended.
   *
   * @throws NoSuchNamespaceException where it is not
   */
  static void hold(Connection connection, Dialect dialect, String catalog, Namespace namespace)
      throws SQLException {
    NamespaceSql sql = NamespaceSql.of(dialect);
    if (!lock(connection, catalog, sql.lockShared(), namespace)) {
      require(connection, catalog, sql, namespace);
    }
  }

  private boolean change(Namespace namespace, Database.Work<Boolean> work) {
    return database.write(
        "change namespace " + namespace,
        connection -> {
          lock(connection, catalog, sql.lock(), namespace);
          require(connection, catalog, sql, namespace);
          // Without it a namespace would go with its last property.
          put(connection, namespace, Map.of(EXISTS, "true"), KEEP);
          return Database.Decision.commit(work.run(connection));
        });
  }

  private static void require(
      Connection connection, String catalog, NamespaceSql sql, Namespace namespace)
      throws SQLException {
    if (!exists(connection, catalog, sql, namespace)) {
      throw new NoSuchNamespaceException("Namespace does not exist: %s", namespace);
    }
  }

  private static boolean exists(
      Connection connection, String catalog, NamespaceSql sql, Namespace namespace)
      throws SQLException {
    String name = namespace.toString();
    try (PreparedStatement select = connection.prepareStatement(sql.exists())) {
      set(
          select,
          catalog,
          name,
          catalog,
          name,
          catalog,
          name + ".",
          name + "/",
          catalog,
          name + ".",
          name + "/");
      try (ResultSet rows = select.executeQuery()) {
        return rows.next() && rows.getBoolean(1);
      }
    }
  }

  /** Locks the namespace's own rows; whether it has any. */
  private static boolean lock(
      Connection connection, String catalog, String lock, Namespace namespace) throws SQLException {
    try (PreparedStatement select = connection.prepareStatement(lock)) {
      set(select, catalog, namespace.toString());
      try (ResultSet rows = select.executeQuery()) {
        return rows.next();
      }
    }
  }

  private void addChildren(
      Connection connection, String children, Namespace parent, Set<String> names)
      throws SQLException {
    String above = parent.isEmpty() ? "" : parent + ".";
    String end = parent.isEmpty() ? END : parent + "/";
    int before = above.codePointCount(0, above.length());
    try (PreparedStatement select = connection.prepareStatement(children)) {
      set(select, catalog, above.isEmpty() ? LEAST : above, end, catalog);
      select.setInt(5, before + 1);
      select.setString(6, LEAST);
      select.setInt(7, before - 1);
      select.setInt(8, before + 1);
      select.setString(9, end);
      try (ResultSet rows = select.executeQuery()) {
        while (rows.next()) {
          String rest = rows.getString(1).substring(above.length());
          int dot = rest.indexOf('.');
          names.add(dot < 0 ? rest : rest.substring(0, dot));
        }
      }
    }
  }

  private Map<String, String> properties(Connection connection, Namespace namespace)
      throws SQLException {
    Map<String, String> properties = new LinkedHashMap<>();
    try (PreparedStatement select =
        connection.prepareStatement(
            "SELECT property_key, property_value FROM iceberg_namespace_properties WHERE"
                + " catalog_name = ? AND namespace = ? ORDER BY property_key")) {
      set(select, catalog, namespace.toString());
      try (ResultSet rows = select.executeQuery()) {
        while (rows.next()) {
          properties.put(rows.getString(1), rows.getString(2));
        }
      }
    }
    properties.remove(EXISTS);
    return properties;
  }

  private int put(
      Connection connection, Namespace namespace, Map<String, String> properties, String conflict)
      throws SQLException {
    int rows = 0;
    try (PreparedStatement insert = connection.prepareStatement(INSERT + conflict)) {
      for (Map.Entry<String, String> property : properties.entrySet()) {
        set(insert, catalog, namespace.toString(), property.getKey(), property.getValue());
        rows += insert.executeUpdate();
      }
    }
    return rows;
  }

  private static void refuseReserved(Set<String> properties) {
    if (properties.contains(EXISTS)) {
      throw new IllegalArgumentException(
          "Cannot set or remove reserved property of a namespace: " + EXISTS);
    }
  }

  private static void set(PreparedStatement statement, String... parameters) throws SQLException {
    for (int i = 0; i < parameters.length; i++) {
      statement.setString(i + 1, parameters[i]);
    }
  }
}
