package dev.firn.catalog;

import dev.firn.catalog.commit.Commits;
import dev.firn.catalog.jdbc.Database;
import dev.firn.catalog.table.CheckedBuilder;
import dev.firn.catalog.table.TableLocations;
import dev.firn.catalog.table.TableName;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.iceberg.CatalogUtil;
import org.apache.iceberg.Schema;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.SupportsNamespaces;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.exceptions.AlreadyExistsException;
import org.apache.iceberg.exceptions.NamespaceNotEmptyException;
import org.apache.iceberg.exceptions.NoSuchNamespaceException;
import org.apache.iceberg.exceptions.NoSuchTableException;
import org.apache.iceberg.view.BaseMetastoreViewCatalog;
import org.apache.iceberg.view.ViewOperations;

/** The catalog over a database: names, and the operations of each table. Borrows everything. */
final class WarehouseCatalog extends BaseMetastoreViewCatalog implements SupportsNamespaces {
  private final String name;
  private final String warehouse;
  private final Database database;
  private final Commits commits;

  WarehouseCatalog(String name, String warehouse, Database database, Commits commits) {
    this.name = name;
    this.warehouse = warehouse;
    this.database = database;
    this.commits = commits;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public TableBuilder buildTable(TableIdentifier id, Schema schema) {
    return new CheckedBuilder(TableName.format(id), super.buildTable(id, schema));
  }

  @Override
  protected TableOperations newTableOps(TableIdentifier id) {
    return commits.operations(id);
  }

  @Override
  protected ViewOperations newViewOps(TableIdentifier id) {
    throw new UnsupportedOperationException("SKELETON");
  }

  @Override
  protected String defaultWarehouseLocation(TableIdentifier id) {
    return TableLocations.unique(warehouse, id);
  }

  @Override
  public List<TableIdentifier> listTables(Namespace namespace) {
    return strings(
            "SELECT table_name FROM iceberg_tables WHERE catalog_name = ? AND table_namespace = ?",
            name,
            namespace.toString())
        .stream()
        .map(table -> TableIdentifier.of(namespace, table))
        .toList();
  }

  @Override
  public boolean dropTable(TableIdentifier id, boolean purge) {
    TableOperations operations = newTableOps(id);
    TableMetadata last = operations.current();
    int rows =
        update(
            "DELETE FROM iceberg_tables WHERE catalog_name = ? AND table_namespace = ? AND table_name = ?",
            name,
            id.namespace().toString(),
            id.name());
    if (rows == 1 && purge && last != null) {
      CatalogUtil.dropTableData(operations.io(), last);
    }
    return rows == 1;
  }

  @Override
  public void renameTable(TableIdentifier from, TableIdentifier to) {
    if (newTableOps(to).current() != null) {
      throw new AlreadyExistsException("Table already exists: %s", to);
    }
    int rows =
        update(
            "UPDATE iceberg_tables SET table_namespace = ?, table_name = ? WHERE catalog_name = ? AND table_namespace = ? AND table_name = ?",
            to.namespace().toString(),
            to.name(),
            name,
            from.namespace().toString(),
            from.name());
    if (rows == 0) {
      throw new NoSuchTableException("Table does not exist: %s", from);
    }
  }

  @Override
  public void createNamespace(Namespace namespace, Map<String, String> metadata) {
    if (namespaceExists(namespace)) {
      throw new AlreadyExistsException("Namespace already exists: %s", namespace);
    }
    Map<String, String> rows = new LinkedHashMap<>(metadata);
    rows.put("exists", "true");
    rows.forEach(
        (key, value) ->
            update(
                "INSERT INTO iceberg_namespace_properties(catalog_name, namespace, property_key, property_value) VALUES (?, ?, ?, ?)",
                name,
                namespace.toString(),
                key,
                value));
  }

  @Override
  public List<Namespace> listNamespaces(Namespace parent) {
    Set<String> all = new TreeSet<>();
    all.addAll(
        strings(
            "SELECT DISTINCT table_namespace FROM iceberg_tables WHERE catalog_name = ?", name));
    all.addAll(
        strings(
            "SELECT DISTINCT namespace FROM iceberg_namespace_properties WHERE catalog_name = ?",
            name));
    Set<Namespace> children = new java.util.LinkedHashSet<>();
    for (String each : all) {
      String[] levels = each.split("\\.", -1);
      if (levels.length > parent.length() && (parent.isEmpty() || each.startsWith(parent + "."))) {
        String[] child = java.util.Arrays.copyOf(levels, parent.length() + 1);
        children.add(Namespace.of(child));
      }
    }
    if (children.isEmpty() && !parent.isEmpty() && !namespaceExists(parent)) {
      throw new NoSuchNamespaceException("Namespace does not exist: %s", parent);
    }
    return List.copyOf(children);
  }

  @Override
  public Map<String, String> loadNamespaceMetadata(Namespace namespace) {
    if (!namespaceExists(namespace)) {
      throw new NoSuchNamespaceException("Namespace does not exist: %s", namespace);
    }
    Map<String, String> properties = new LinkedHashMap<>();
    for (String key :
        strings(
            "SELECT property_key FROM iceberg_namespace_properties WHERE catalog_name = ? AND namespace = ?",
            name,
            namespace.toString())) {
      properties.put(
          key,
          strings(
                  "SELECT property_value FROM iceberg_namespace_properties WHERE catalog_name = ? AND namespace = ? AND property_key = ?",
                  name,
                  namespace.toString(),
                  key)
              .get(0));
    }
    return properties;
  }

  @Override
  public boolean namespaceExists(Namespace namespace) {
    return !strings(
                "SELECT property_key FROM iceberg_namespace_properties WHERE catalog_name = ? AND namespace = ?",
                name,
                namespace.toString())
            .isEmpty()
        || !listTables(namespace).isEmpty();
  }

  @Override
  public boolean dropNamespace(Namespace namespace) {
    if (!listTables(namespace).isEmpty()) {
      throw new NamespaceNotEmptyException("Namespace %s is not empty", namespace);
    }
    return update(
            "DELETE FROM iceberg_namespace_properties WHERE catalog_name = ? AND namespace = ?",
            name,
            namespace.toString())
        > 0;
  }

  @Override
  public boolean setProperties(Namespace namespace, Map<String, String> properties) {
    throw new UnsupportedOperationException("SKELETON");
  }

  @Override
  public boolean removeProperties(Namespace namespace, Set<String> properties) {
    throw new UnsupportedOperationException("SKELETON");
  }

  @Override
  public List<TableIdentifier> listViews(Namespace namespace) {
    return List.of();
  }

  @Override
  public boolean dropView(TableIdentifier id) {
    return false;
  }

  @Override
  public void renameView(TableIdentifier from, TableIdentifier to) {
    throw new UnsupportedOperationException("SKELETON");
  }

  private List<String> strings(String sql, String... parameters) {
    return database.read(
        "read the catalog",
        connection -> {
          try (PreparedStatement select = connection.prepareStatement(sql)) {
            set(select, parameters);
            List<String> all = new ArrayList<>();
            try (ResultSet rows = select.executeQuery()) {
              while (rows.next()) {
                all.add(rows.getString(1));
              }
            }
            return all;
          }
        });
  }

  private int update(String sql, String... parameters) {
    return database.write(
        "change the catalog",
        connection -> {
          try (PreparedStatement update = connection.prepareStatement(sql)) {
            set(update, parameters);
            return Database.Decision.commit(update.executeUpdate());
          }
        });
  }

  private static void set(PreparedStatement statement, String... parameters) throws SQLException {
    for (int i = 0; i < parameters.length; i++) {
      statement.setString(i + 1, parameters[i]);
    }
  }
}
