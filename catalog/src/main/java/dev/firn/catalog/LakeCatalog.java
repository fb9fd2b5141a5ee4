package dev.firn.catalog;

import dev.firn.catalog.commit.CommitListener;
import dev.firn.catalog.commit.CommitReceipt;
import dev.firn.catalog.commit.CommitRequest;
import dev.firn.catalog.commit.CommitSection;
import dev.firn.catalog.commit.Commits;
import dev.firn.catalog.commit.Futures;
import dev.firn.catalog.commit.StagedTable;
import dev.firn.catalog.commit.TableChanges;
import dev.firn.catalog.commit.TableCommitter;
import dev.firn.catalog.error.IcebergErrors;
import dev.firn.catalog.intent.Lease;
import dev.firn.catalog.intent.OrphanSearch;
import dev.firn.catalog.intent.Sweep;
import dev.firn.catalog.intent.WriteIntent;
import dev.firn.catalog.intent.WriteIntents;
import dev.firn.catalog.jdbc.Channels;
import dev.firn.catalog.jdbc.Connections;
import dev.firn.catalog.jdbc.Database;
import dev.firn.catalog.jdbc.Intents;
import dev.firn.catalog.jdbc.MaintenanceHistory;
import dev.firn.catalog.jdbc.MaintenanceLeases;
import dev.firn.catalog.jdbc.Pointers;
import dev.firn.catalog.table.TableLocations;
import dev.firn.catalog.table.TableName;
import dev.firn.error.FirnException;
import dev.firn.storage.scheme.SchemeFileIO;
import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import javax.sql.DataSource;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.BaseTransaction;
import org.apache.iceberg.CatalogProperties;
import org.apache.iceberg.HasTableOperations;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.Transaction;
import org.apache.iceberg.catalog.Catalog;
import org.apache.iceberg.catalog.SupportsNamespaces;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.catalog.ViewCatalog;
import org.apache.iceberg.io.FileIO;
import org.jspecify.annotations.Nullable;

/**
 * An open catalog: names of namespaces and tables, and which metadata of each is current.
 * Thread-safe. Owns its connections and stores until {@link #close()}; tables loaded from it use
 * them.
 *
 * <p>SQLite and PostgreSQL hold Iceberg's own JDBC catalog tables (schema V1), so that Spark,
 * Trino, Flink and PyIceberg can open the same database under the same catalog name; {@code
 * http(s)} is a REST catalog.
 */
public final class LakeCatalog implements AutoCloseable {
  private final Catalog catalog;
  private final @Nullable Warehouse warehouse;

  private LakeCatalog(Catalog catalog, @Nullable Warehouse warehouse) {
    this.catalog = catalog;
    this.warehouse = warehouse;
  }

  /** What a catalog of our own has beside its names, in the order in which it is opened. */
  private record Warehouse(
      String location,
      Database database,
      FileIO stores,
      Commits commits,
      Channels channels,
      MaintenanceLeases leases,
      MaintenanceHistory maintenance,
      WriteIntents intents)
      implements AutoCloseable {
    /** Those that use others before these, each whatever became of the ones before it. */
    @Override
    public void close() {
      try (database;
          stores;
          intents) {
        commits.close();
      }
    }
  }

  /**
   * Opens a catalog. SQLite's file and the catalog's tables are made on first use.
   *
   * <p>Properties beginning with {@code jdbc.} go to the database driver ({@code jdbc.user}, {@code
   * jdbc.password}, {@code jdbc.busy_timeout} in milliseconds, 10 s unless set), {@code clients}
   * bounds its connections (4 for SQLite, 10 for PostgreSQL unless set); the others are Iceberg's,
   * for catalog and stores.
   *
   * @throws dev.firn.error.FirnException INVALID for a database that is not supported or a file
   *     that is no catalog, UNAVAILABLE where the database cannot be reached or is held by another
   *     process
   */
  public static LakeCatalog open(CatalogSettings settings) {
    return open(settings, UnaryOperator.identity());
  }

  /**
   * As {@link #open(CatalogSettings)}, with the stores of a JDBC catalog wrapped by {@code
   * decorate}: to count, to cache, to inject faults. A REST catalog makes a store per table and
   * takes none.
   */
  public static LakeCatalog open(CatalogSettings settings, UnaryOperator<FileIO> decorate) {
    return open(settings, decorate, UnaryOperator.identity());
  }

  /**
   * As {@link #open(CatalogSettings, UnaryOperator)}, with the database's connections wrapped by
   * {@code decorateDatabase} too. A wrapped connection must {@code unwrap} to the one beneath,
   * which is how a dead one is taken out of the pool; the pool stays the catalog's.
   */
  public static LakeCatalog open(
      CatalogSettings settings,
      UnaryOperator<FileIO> decorate,
      UnaryOperator<DataSource> decorateDatabase) {
    String uri = settings.uri();
    try {
      if (Connections.supports(uri)) {
        return jdbc(settings, decorate, decorateDatabase);
      }
      String scheme = uri.toLowerCase(Locale.ROOT);
      if (scheme.startsWith("http://") || scheme.startsWith("https://")) {
        return rest(settings);
      }
    } catch (RuntimeException e) {
      throw IcebergErrors.translate("open catalog " + IcebergErrors.withoutSecrets(uri), e);
    }
    throw FirnException.invalid(
        "Cannot open catalog: unknown kind, expected jdbc:sqlite:FILE, jdbc:postgresql://HOST/DATABASE,"
            + " or http(s)://HOST for an Iceberg REST catalog, got "
            + IcebergErrors.withoutSecrets(uri));
  }

  /** Returns the catalog's tables. It throws Iceberg's exceptions. */
  public Catalog tables() {
    return catalog;
  }

  /** Returns the catalog's namespaces. It throws Iceberg's exceptions. */
  public SupportsNamespaces namespaces() {
    return (SupportsNamespaces) catalog;
  }

  /**
   * Loads a table.
   *
   * @throws org.apache.iceberg.exceptions.NoSuchTableException where there is none
   * @throws dev.firn.error.FirnException INVALID for what Firn must not touch: format version 4,
   *     encryption
   */
  public Table loadTable(TableIdentifier id) {
    Table loaded = catalog.loadTable(id);
    // Iceberg puts the catalog's name before a table's, which nobody ever typed: errors name it.
    return loaded.getClass() == BaseTable.class
        ? new BaseTable(
            ((BaseTable) loaded).operations(),
            TableName.format(id),
            ((BaseTable) loaded).reporter())
        : loaded;
  }

  /** Whether the name is a view's: Firn keeps views for other engines, and reads none. */
  public boolean isView(TableIdentifier id) {
    return catalog instanceof ViewCatalog views && views.viewExists(id);
  }

  /**
   * Commits a change to a table of this catalog, and waits for its outcome, as {@link
   * TableCommitter} documents it.
   */
  public CommitReceipt commit(TableIdentifier id, CommitRequest request) {
    return warehouse == null
        ? TableCommitter.commit(loadTable(id), request)
        : Futures.await(warehouse.commits().submit(id, request));
  }

  /** As {@link #commit}, without waiting; a REST catalog's commit comes at once, in this thread. */
  public CompletableFuture<CommitReceipt> submit(TableIdentifier id, CommitRequest request) {
    return warehouse == null ? remote(id, null, request) : warehouse.commits().submit(id, request);
  }

  /**
   * As {@link #submit(TableIdentifier, CommitRequest)}, for a table by its own id: where another
   * table has its name by then, the change fails with NOT_FOUND.
   */
  public CompletableFuture<CommitReceipt> submit(
      TableIdentifier id, String tableUuid, CommitRequest request) {
    return warehouse == null
        ? remote(id, tableUuid, request)
        : warehouse.commits().submit(id, tableUuid, request);
  }

  /** Begins a section of the table's commits, as {@link Commits#section}. */
  public CommitSection section(TableIdentifier id, Duration atMost) {
    return ours("hold commits").commits().section(id, atMost);
  }

  private CompletableFuture<CommitReceipt> remote(
      TableIdentifier id, @Nullable String tableUuid, CommitRequest request) {
    try {
      Table table = loadTable(id);
      if (tableUuid != null && !tableUuid.equals(table.uuid().toString())) {
        throw FirnException.notFound(
            "Cannot commit to %s: the table was dropped and made again since, expected table %s, got %s; load it anew"
                .formatted(id, tableUuid, table.uuid()));
      }
      return CompletableFuture.completedFuture(TableCommitter.commit(table, request));
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(IcebergErrors.translate("commit to " + id, e));
    }
  }

  /**
   * From now on {@code listener} is told of groups that this process commits. What is returned ends
   * that when it is run.
   *
   * @throws dev.firn.error.FirnException INVALID for a REST catalog, which has no groups
   */
  public Runnable listen(CommitListener listener) {
    return ours("listen to commits").commits().listen(listener);
  }

  /** Commits changes of several tables together, or none of them. */
  public Map<TableIdentifier, List<CommitReceipt>> commitTogether(List<TableChanges> changes) {
    return ours("commit to several tables together").commits().commitTogether(changes);
  }

  /**
   * Returns the exactly-once channels of this catalog's tables.
   *
   * @throws dev.firn.error.FirnException INVALID for a REST catalog, which has none
   */
  public Channels channels() {
    return ours("use channels").channels();
  }

  /**
   * Returns who maintains which table.
   *
   * @throws dev.firn.error.FirnException INVALID for a REST catalog, which has no place for it
   */
  public MaintenanceLeases maintenanceLeases() {
    return ours("share maintenance").leases();
  }

  /**
   * Returns what was done to keep tables fast.
   *
   * @throws dev.firn.error.FirnException INVALID for a REST catalog, which has no place for it
   */
  public MaintenanceHistory maintenanceHistory() {
    return ours("record maintenance").maintenance();
  }

  /**
   * Returns the metadata of all of {@code tables} that exist, as of one moment, as {@link
   * Commits#readTogether}.
   */
  public Map<TableIdentifier, TableMetadata> readTogether(Collection<TableIdentifier> tables) {
    return ours("read several tables together").commits().readTogether(tables);
  }

  /** Begins a transaction's changes of a table that it read. The caller closes it. */
  public StagedTable stage(TableIdentifier table, TableMetadata start) {
    return ours("stage changes").commits().stage(table, start);
  }

  /**
   * Begins a transaction's table of its own, from metadata in no file yet. The caller closes it.
   */
  public StagedTable stageNew(TableIdentifier table, TableMetadata created) {
    return ours("stage a table").commits().stageNew(table, created);
  }

  /** Returns whether the catalog is in a database of ours; false over REST. */
  public boolean isOurs() {
    return warehouse != null;
  }

  private Warehouse ours(String doing) {
    if (warehouse == null) {
      throw FirnException.invalid(
          "Cannot %s: catalog %s is a REST catalog, expected one of ours (jdbc:sqlite:…, jdbc:postgresql:…)"
              .formatted(doing, catalog.name()));
    }
    return warehouse;
  }

  /**
   * Returns an intent to write files of {@code table}, loaded from this catalog or about to be made
   * in it; the caller's to close. A REST catalog keeps no ledger, and records nothing.
   */
  public WriteIntent intent(TableIdentifier id, Table table) {
    return warehouse == null
        ? WriteIntent.unrecorded()
        : warehouse.intents().open(id, table.location());
  }

  /**
   * As {@link #intent(TableIdentifier, Table)}, cleared by whatever is committed from now on by
   * Iceberg's API through {@code table}, which must be the caller's own handle.
   */
  public WriteIntent intentOf(TableIdentifier id, Table table) {
    WriteIntent intent = intent(id, table);
    if (warehouse != null) {
      Commits.clearing(((HasTableOperations) table).operations(), intent::ids);
    }
    return intent;
  }

  /** As {@link #intentOf(TableIdentifier, Table)}, cleared by the commit of the transaction. */
  public WriteIntent intentOf(TableIdentifier id, Transaction transaction) {
    WriteIntent intent = intent(id, transaction.table());
    if (warehouse != null) {
      Commits.clearing(((BaseTransaction) transaction).underlyingOps(), intent::ids);
    }
    return intent;
  }

  /** Begins a sweep of the files that dead writers of this catalog left. */
  public Sweep sweep() {
    return ours("sweep").intents().sweep();
  }

  /** Begins a search for files of the table that nobody refers to. */
  public OrphanSearch orphans(TableIdentifier id) {
    return ours("search for orphans").intents().orphans(id);
  }

  /**
   * Returns a directory in the warehouse that no other table has or had, for a table to be created;
   * null where the catalog's server chooses.
   */
  public @Nullable String newTableLocation(TableIdentifier id) {
    return warehouse == null ? null : TableLocations.unique(warehouse.location(), id);
  }

  @Override
  public void close() {
    try {
      if (catalog instanceof Closeable closeable) {
        closeable.close();
      }
    } catch (IOException e) {
      throw FirnException.unavailable("Cannot close catalog " + catalog.name() + ": " + e, e);
    } finally {
      if (warehouse != null) {
        warehouse.close();
      }
    }
  }

  private static LakeCatalog jdbc(
      CatalogSettings settings,
      UnaryOperator<FileIO> decorate,
      UnaryOperator<DataSource> decorateDatabase) {
    Database database = Connections.open(settings.uri(), settings.properties(), decorateDatabase);
    try {
      SchemeFileIO stores = new SchemeFileIO();
      stores.initialize(settings.properties());
      return over(database, settings, decorate.apply(stores));
    } catch (RuntimeException e) {
      database.close();
      throw e;
    }
  }

  private static LakeCatalog over(Database database, CatalogSettings settings, FileIO stores) {
    Commits commits =
        new Commits(
            new Pointers(database, settings.name()),
            stores,
            new Intents(database, settings.name()));
    WarehouseCatalog catalog = new WarehouseCatalog(settings, database, commits, stores);
    catalog.initialize(settings.name(), settings.properties());
    return new LakeCatalog(
        catalog,
        new Warehouse(
            settings.warehouse(),
            database,
            stores,
            commits,
            new Channels(database, settings.name()),
            new MaintenanceLeases(database, settings.name()),
            new MaintenanceHistory(database, settings.name()),
            new WriteIntents(database, settings.name(), stores, Lease.DEFAULT)));
  }

  private static LakeCatalog rest(CatalogSettings settings) {
    Map<String, String> properties = new HashMap<>(settings.properties());
    properties.put(CatalogProperties.URI, settings.uri());
    properties.put(CatalogProperties.FILE_IO_IMPL, SchemeFileIO.class.getName());
    if (!settings.warehouse().isEmpty()) {
      properties.put(CatalogProperties.WAREHOUSE_LOCATION, settings.warehouse());
    }
    return new LakeCatalog(RemoteCatalog.open(settings.name(), properties), null);
  }
}
