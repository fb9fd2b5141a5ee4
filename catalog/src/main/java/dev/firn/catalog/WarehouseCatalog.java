package dev.firn.catalog;

import dev.firn.catalog.commit.Commits;
import dev.firn.catalog.jdbc.Database;
import dev.firn.catalog.jdbc.Names;
import dev.firn.catalog.jdbc.Names.Kind;
import dev.firn.catalog.jdbc.Namespaces;
import dev.firn.catalog.jdbc.Pointers;
import dev.firn.catalog.table.CheckedBuilder;
import dev.firn.catalog.table.MetadataFiles;
import dev.firn.catalog.table.SupportedTables;
import dev.firn.catalog.table.TableLocations;
import dev.firn.catalog.table.TableName;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.CatalogUtil;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableMetadataParser;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.SupportsNamespaces;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.exceptions.AlreadyExistsException;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.exceptions.NoSuchNamespaceException;
import org.apache.iceberg.exceptions.NoSuchTableException;
import org.apache.iceberg.exceptions.NotFoundException;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.view.BaseMetastoreViewCatalog;
import org.apache.iceberg.view.BaseView;
import org.apache.iceberg.view.View;
import org.apache.iceberg.view.ViewMetadata;
import org.apache.iceberg.view.ViewMetadataParser;
import org.apache.iceberg.view.ViewOperations;
import org.apache.iceberg.view.ViewUtil;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The catalog over a database: names of tables, views and namespaces, in the layout of Iceberg's
 * {@code JdbcCatalog}, and the operations of each. Thread-safe; borrows everything.
 *
 * <p>Unlike {@code JdbcCatalog}, it wants a table's or view's namespace to be there, each change is
 * one transaction, and a change whose outcome cannot be told throws {@code
 * CommitStateUnknownException}, after which no file is deleted.
 */
final class WarehouseCatalog extends BaseMetastoreViewCatalog implements SupportsNamespaces {
  private static final Logger LOG = LoggerFactory.getLogger(WarehouseCatalog.class);
  private static final String LOCATION = "location";

  /** A table is dropped between two commits; this many in a row come before none does. */
  private static final int DROP_ATTEMPTS = 100;

  private final CatalogSettings settings;
  private final Commits commits;
  private final FileIO stores;
  private final Pointers pointers;
  private final Names names;
  private final Namespaces namespaces;

  WarehouseCatalog(CatalogSettings settings, Database database, Commits commits, FileIO stores) {
    this.settings = settings;
    this.commits = commits;
    this.stores = stores;
    this.pointers = new Pointers(database, settings.name());
    this.names = new Names(database, settings.name());
    this.namespaces = new Namespaces(database, settings.name());
  }

  @Override
  public String name() {
    return settings.name();
  }

  @Override
  protected Map<String, String> properties() {
    return settings.properties();
  }

  @Override
  protected TableOperations newTableOps(TableIdentifier id) {
    return commits.operations(id);
  }

  @Override
  protected ViewOperations newViewOps(TableIdentifier id) {
    return viewOperations(id);
  }

  private WarehouseViewOperations viewOperations(TableIdentifier id) {
    return new WarehouseViewOperations(id, names, namespaces, stores);
  }

  @Override
  protected String defaultWarehouseLocation(TableIdentifier id) {
    return TableLocations.unique(settings.warehouse(), id);
  }

  // Tables

  @Override
  public TableBuilder buildTable(TableIdentifier id, Schema schema) {
    return new CheckedBuilder(
        TableName.format(id), () -> requireNewName(id), super.buildTable(id, schema));
  }

  @Override
  public Table loadTable(TableIdentifier id) {
    try {
      return super.loadTable(id);
    } catch (NoSuchTableException e) {
      if (viewExists(id)) {
        throw new NoSuchTableException(e, "Table does not exist: %s; it is a view", id);
      }
      throw e;
    }
  }

  /** Looks up the name only; the table may yet be one that cannot be loaded. */
  @Override
  public boolean tableExists(TableIdentifier id) {
    if (names.find(id, Kind.TABLE).isPresent()) {
      return true;
    }
    return isValidMetadataIdentifier(id)
        && !id.namespace().isEmpty()
        && names.find(TableIdentifier.of(id.namespace().levels()), Kind.TABLE).isPresent();
  }

  @Override
  public List<TableIdentifier> listTables(Namespace namespace) {
    return list(namespace, Kind.TABLE);
  }

  private List<TableIdentifier> list(Namespace namespace, Kind kind) {
    List<TableIdentifier> all = names.list(namespace, kind);
    if (all.isEmpty()) {
      requireNamespace(namespace);
    }
    return all;
  }

  @Override
  public Table registerTable(TableIdentifier id, String metadataFileLocation) {
    return registerTable(id, metadataFileLocation, false);
  }

  /**
   * Makes a metadata file the current one of a table: of a new one, or with {@code overwrite} of
   * one that may be there. Files of what it replaces remain.
   *
   * @throws CommitFailedException where another writer came first; nothing was applied
   */
  @Override
  public Table registerTable(TableIdentifier id, String location, boolean overwrite) {
    if (location == null || location.isEmpty()) {
      throw new IllegalArgumentException(
          "Cannot register an empty metadata file location as a table");
    }
    Optional<String> from = names.find(id, Kind.TABLE);
    if (from.isPresent() && !overwrite) {
      throw new AlreadyExistsException("Table already exists: %s", id);
    }
    if (from.isEmpty()) {
      requireNewName(id);
    }
    SupportedTables.check(
        TableName.format(id), TableMetadataParser.read(new MetadataFiles(stores), location));
    Pointers.Move move = new Pointers.Move(id, from.orElse(null), location);
    Pointers.Result result = pointers.swap(new Pointers.Swap(List.of(move), List.of(), List.of()));
    if (!(result instanceof Pointers.Result.Applied)) {
      throw new CommitFailedException("Cannot register %s: another writer came first", id);
    }
    return new BaseTable(newTableOps(id), fullTableName(name(), id), metricsReporter());
  }

  /**
   * Drops a table as it is at one moment, commits that came before included; with {@code purge}
   * deletes its files once the name is surely gone. Of a table whose metadata file is missing the
   * name goes and the other files remain.
   */
  @Override
  public boolean dropTable(TableIdentifier id, boolean purge) {
    for (int attempt = 0; attempt < DROP_ATTEMPTS; attempt++) {
      Optional<String> location = names.find(id, Kind.TABLE);
      if (location.isEmpty()) {
        return false;
      }
      TableMetadata last = purge ? readIfThere(id, location.get()) : null;
      boolean dropped =
          last == null
              ? names.drop(id, Kind.TABLE, location.get())
              : names.purge(id, location.get(), last.uuid());
      if (dropped) {
        LOG.info("Dropped table {} at {}", id, location.get());
        if (last != null) {
          removeFiles(id, last);
        }
        return true;
      }
    }
    throw new CommitFailedException("Cannot drop table %s: other writers keep changing it", id);
  }

  /** The table is gone already, whatever fails here. */
  private void removeFiles(TableIdentifier id, TableMetadata last) {
    try {
      CatalogUtil.dropTableData(stores, last);
    } catch (RuntimeException e) {
      LOG.warn("Dropped table {}, but not all of its files: remove {}", id, last.location(), e);
    }
  }

  private @Nullable TableMetadata readIfThere(TableIdentifier id, String location) {
    try {
      TableMetadata read = TableMetadataParser.read(new MetadataFiles(stores), location);
      SupportedTables.check(TableName.format(id), read);
      return read;
    } catch (NotFoundException e) {
      LOG.warn("Dropping {} without its files: its metadata is missing [{}]", id, location, e);
      return null;
    }
  }

  @Override
  public void renameTable(TableIdentifier from, TableIdentifier to) {
    rename(from, to, Kind.TABLE);
  }

  private void rename(TableIdentifier from, TableIdentifier to, Kind kind) {
    TableName.requireNew(to);
    names.rename(from, to, kind);
    LOG.info("Renamed {} to {}", from, to);
  }

  private void requireNewName(TableIdentifier id) {
    TableName.requireNew(id);
    requireNamespace(id.namespace());
  }

  // Views

  @Override
  public boolean viewExists(TableIdentifier id) {
    return names.find(id, Kind.VIEW).isPresent();
  }

  @Override
  public List<TableIdentifier> listViews(Namespace namespace) {
    return list(namespace, Kind.VIEW);
  }

  @Override
  public View registerView(TableIdentifier id, String location) {
    if (location == null || location.isEmpty()) {
      throw new IllegalArgumentException(
          "Cannot register an empty metadata file location as a view");
    }
    requireNewName(id);
    WarehouseViewOperations operations = viewOperations(id);
    operations.register(ViewMetadataParser.read(new MetadataFiles(stores), location));
    return new BaseView(operations, ViewUtil.fullViewName(name(), id));
  }

  /** As {@link #dropTable}; the current metadata file goes, earlier ones remain. */
  @Override
  public boolean dropView(TableIdentifier id) {
    for (int attempt = 0; attempt < DROP_ATTEMPTS; attempt++) {
      Optional<String> location = names.find(id, Kind.VIEW);
      if (location.isEmpty()) {
        return false;
      }
      ViewMetadata last = readViewIfThere(id, location.get());
      if (names.drop(id, Kind.VIEW, location.get())) {
        LOG.info("Dropped view {} at {}", id, location.get());
        if (last != null) {
          CatalogUtil.dropViewMetadata(stores, last);
        }
        return true;
      }
    }
    throw new CommitFailedException("Cannot drop view %s: other writers keep changing it", id);
  }

  private @Nullable ViewMetadata readViewIfThere(TableIdentifier id, String location) {
    try {
      return ViewMetadataParser.read(new MetadataFiles(stores), location);
    } catch (NotFoundException e) {
      LOG.warn("Dropping view {}, whose metadata is missing [{}]", id, location, e);
      return null;
    }
  }

  @Override
  public void renameView(TableIdentifier from, TableIdentifier to) {
    rename(from, to, Kind.VIEW);
  }

  // Namespaces

  @Override
  public void createNamespace(Namespace namespace, Map<String, String> metadata) {
    TableName.requireNew(namespace);
    if (namespace.isEmpty()) {
      throw new AlreadyExistsException("Namespace already exists: %s", namespace);
    }
    namespaces.create(namespace, metadata);
  }

  @Override
  public boolean namespaceExists(Namespace namespace) {
    return namespaces.exists(namespace);
  }

  @Override
  public List<Namespace> listNamespaces(Namespace parent) {
    List<Namespace> children = namespaces.children(parent);
    if (children.isEmpty()) {
      requireNamespace(parent);
    }
    return children;
  }

  @Override
  public Map<String, String> loadNamespaceMetadata(Namespace namespace) {
    Map<String, String> properties = new HashMap<>(namespaces.properties(namespace));
    properties.putIfAbsent(LOCATION, TableLocations.namespace(settings.warehouse(), namespace));
    return Map.copyOf(properties);
  }

  @Override
  public boolean dropNamespace(Namespace namespace) {
    return namespaces.drop(namespace);
  }

  @Override
  public boolean setProperties(Namespace namespace, Map<String, String> properties) {
    return namespaces.set(namespace, properties);
  }

  @Override
  public boolean removeProperties(Namespace namespace, Set<String> properties) {
    return namespaces.remove(namespace, properties);
  }

  private void requireNamespace(Namespace namespace) {
    if (!namespaces.exists(namespace)) {
      throw new NoSuchNamespaceException("Namespace does not exist: %s", namespace);
    }
  }
}
