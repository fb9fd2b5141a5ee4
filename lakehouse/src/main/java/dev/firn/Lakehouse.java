package dev.firn;

import dev.firn.catalog.CatalogSettings;
import dev.firn.catalog.LakeCatalog;
import dev.firn.catalog.intent.Sweep;
import dev.firn.catalog.table.TableName;
import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import dev.firn.error.NearMatch;
import dev.firn.maintenance.Maintenance;
import dev.firn.scan.Decoding;
import dev.firn.scan.metadata.MetadataTable;
import dev.firn.scan.plan.ManifestIndex;
import dev.firn.storage.Locations;
import dev.firn.upsert.KeyIndexes;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.iceberg.BaseMetadataTable;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.exceptions.NoSuchTableException;
import org.apache.iceberg.io.FileIO;
import org.jspecify.annotations.Nullable;

/**
 * An open lakehouse: a catalog of Iceberg tables and the store that holds their files. Thread-safe.
 * Owns the catalog's connections and the Arrow root allocator until closed; tables obtained from it
 * must not be used afterwards.
 *
 * <p>Names are {@code namespace.table}, with as many namespace levels as wanted.
 */
public final class Lakehouse implements AutoCloseable {
  private final LakeCatalog catalog;
  private final ScanThreads threads;
  private final ScanResources resources;
  private final Holds holds = new Holds();
  private final KeyIndexes indexes = new KeyIndexes(this::allocator);
  private final Upserts upserts = Upserts.of(indexes);
  private final Upkeep upkeep;
  private final MaintainedLake maintained;
  private @Nullable BufferAllocator allocator;

  private Lakehouse(
      LakeCatalog catalog,
      ManifestIndex manifests,
      @Nullable Decoding decoding,
      int scanThreads,
      boolean keepsUp) {
    this.catalog = catalog;
    this.threads = new ScanThreads(scanThreads);
    this.resources =
        new ScanResources(
            decoding == null ? threads.decoding() : decoding, this::allocator, manifests);
    this.upkeep = new Upkeep(catalog, holds, Clock.systemUTC(), Upkeep.READING);
    this.maintained = new MaintainedLake(this, catalog, upkeep);
    if (keepsUp) {
      catalog.listen(upkeep);
    }
  }

  /**
   * Opens a local warehouse with its embedded SQLite catalog, creating both on first use.
   *
   * @throws FirnException (invalid) where the directory holds something else
   */
  public static Lakehouse open(Path warehouse) {
    return open(Settings.of(warehouse));
  }

  /** Opens any catalog and warehouse, from the string properties of {@link Settings#of(Map)}. */
  public static Lakehouse open(Map<String, String> properties) {
    return open(Settings.of(properties));
  }

  /** Opens any catalog and warehouse. An embedded one is created on first use. */
  public static Lakehouse open(Settings settings) {
    return open(settings, null, UnaryOperator.identity(), UnaryOperator.identity());
  }

  /**
   * As {@link #open(Settings)}, where scans decode files as told: on an executor of the caller's,
   * instead of {@code firn.scan.threads} threads of the lakehouse's own.
   */
  public static Lakehouse open(Settings settings, Decoding decoding) {
    return open(settings, decoding, UnaryOperator.identity(), UnaryOperator.identity());
  }

  /**
   * Opens a lakehouse that is already there.
   *
   * @throws FirnException (not found) where an embedded one is not, instead of creating it
   */
  public static Lakehouse openExisting(Settings settings) {
    if (settings.embedded()) {
      Embedded.checkPresent(settings);
    }
    return connect(settings, null, UnaryOperator.identity(), UnaryOperator.identity());
  }

  /** As {@link #open(Settings)}, with the stores wrapped: a test's way to count and to fail. */
  static Lakehouse open(Settings settings, UnaryOperator<FileIO> decorate) {
    return open(settings, null, decorate, UnaryOperator.identity());
  }

  /** As {@link #open(Settings, UnaryOperator)}, with the database's connections wrapped too. */
  static Lakehouse open(
      Settings settings,
      UnaryOperator<FileIO> decorate,
      UnaryOperator<DataSource> decorateDatabase) {
    return open(settings, null, decorate, decorateDatabase);
  }

  private static Lakehouse open(
      Settings settings,
      @Nullable Decoding decoding,
      UnaryOperator<FileIO> decorate,
      UnaryOperator<DataSource> decorateDatabase) {
    if (settings.embedded()) {
      Embedded.checkUsable(settings);
    }
    return connect(settings, decoding, decorate, decorateDatabase);
  }

  private static Lakehouse connect(
      Settings settings,
      @Nullable Decoding decoding,
      UnaryOperator<FileIO> decorate,
      UnaryOperator<DataSource> decorateDatabase) {
    String catalog = uri(settings);
    return new Lakehouse(
        Guard.call(
            "open the lakehouse at " + settings.warehouse(),
            () ->
                LakeCatalog.open(
                    new CatalogSettings(
                        settings.catalogName(),
                        catalog,
                        settings.warehouse(),
                        settings.properties()),
                    decorate,
                    decorateDatabase)),
        ManifestIndex.of(settings.properties()),
        decoding,
        settings.scanThreads(),
        settings.upkeep() && uri(settings).startsWith("jdbc:"));
  }

  private static String uri(Settings settings) {
    String uri = settings.catalog();
    return uri == null ? Embedded.catalogUri(settings) : uri;
  }

  /** Returns the catalog, which stays the lakehouse's. */
  LakeCatalog catalog() {
    return catalog;
  }

  /** Returns every namespace, nested ones included, in order. */
  public List<String> namespaces() {
    return Guard.call(
        "list namespaces",
        () -> {
          List<String> all = new ArrayList<>();
          collect(Namespace.empty(), all);
          return all.stream().sorted().toList();
        });
  }

  private void collect(Namespace parent, List<String> into) {
    for (Namespace child : catalog.namespaces().listNamespaces(parent)) {
      into.add(child.toString());
      collect(child, into);
    }
  }

  /** Creates a namespace; parents need not exist. */
  public void createNamespace(String namespace, Map<String, String> properties) {
    Guard.run(
        "create namespace " + namespace,
        () ->
            catalog.namespaces().createNamespace(TableName.parseNamespace(namespace), properties));
  }

  /** Drops an empty namespace. */
  public void dropNamespace(String namespace) {
    boolean dropped =
        Guard.call(
            "drop namespace " + namespace,
            () -> catalog.namespaces().dropNamespace(TableName.parseNamespace(namespace)));
    if (!dropped) {
      throw FirnException.notFound(
          "Cannot drop namespace %s: there is no such namespace%s"
              .formatted(namespace, NearMatch.hint(namespace, namespaces())));
    }
  }

  /** Returns the full names of the namespace's tables, in order. */
  public List<String> tables(String namespace) {
    return Guard.call(
        "list tables of " + namespace,
        () ->
            catalog.tables().listTables(TableName.parseNamespace(namespace)).stream()
                .map(TableName::format)
                .sorted()
                .toList());
  }

  /** Returns the full names of all tables, in order. */
  public List<String> tables() {
    return namespaces().stream().flatMap(namespace -> tables(namespace).stream()).toList();
  }

  /** Creates an empty, unpartitioned table, and its namespace where missing. */
  public LakeTable createTable(String name, Schema schema) {
    return createTable(name, schema, definition -> {});
  }

  /** Creates an empty table laid out as {@code layout} says, and its namespace where missing. */
  public LakeTable createTable(String name, Schema schema, Consumer<TableDefinition> layout) {
    return newTable(name, schema, layout).create();
  }

  /** Prepares a table whose creation and first rows are one commit. */
  public NewTable newTable(String name, Schema schema, Consumer<TableDefinition> layout) {
    TableIdentifier id = TableName.parse(name);
    TableDefinition definition = new TableDefinition();
    layout.accept(definition);
    refuseView("create", name);
    if (findTable(name).isPresent()) {
      throw exists(name);
    }
    return Guard.call(
        "create table " + name,
        () -> new NewTable(catalog, id, schema, definition, made -> table(id, made)));
  }

  private LakeTable table(TableIdentifier id, Table loaded) {
    return new LakeTable(loaded, new TableCommits(catalog, id, holds), resources, upserts);
  }

  static FirnException exists(String name) {
    return new FirnException(
        ErrorKind.ALREADY_EXISTS,
        "Cannot create table %s: it exists already; drop it first, append to it, or choose another name"
            .formatted(name));
  }

  /**
   * Runs a function that reads and changes several tables, and commits its changes together: all of
   * them become visible at one moment, or none. Reads see all tables as of one moment.
   *
   * <p>The function may run several times, five unless told otherwise: again where others changed
   * what it read such that its changes no longer hold, or where tables that it touches one after
   * the other cannot be seen as of one moment. What a run staged is discarded with its files, so it
   * must have no other effects, or ones that may be repeated. Plain appends never conflict.
   *
   * <p>Outcomes: applied (it returns), not applied (it throws, what the function threw included,
   * and leaves nothing behind), or unknown (it throws with kind {@code COMMIT_STATE_UNKNOWN} and
   * cleans nothing up). A conflict that outlasts all runs is kind {@code CONFLICT} and names the
   * table. Rows deleted or overwritten are checked from the transaction's snapshot under each
   * table's {@code write.delete.isolation-level}; tables that are only read are not, see {@link
   * LakeTransaction#requireUnchanged}.
   *
   * @return what the function returned
   */
  public <T> T transaction(Function<LakeTransaction, T> work) {
    return transaction(TransactionOptions.DEFAULT, work);
  }

  /**
   * As {@link #transaction(Function)}, of tables named beforehand: they are looked at together, so
   * that looking never makes the function run again.
   */
  public <T> T transaction(List<String> tables, Function<LakeTransaction, T> work) {
    return transaction(TransactionOptions.DEFAULT.tables(tables), work);
  }

  /** As {@link #transaction(Function)}, with options. */
  public <T> T transaction(TransactionOptions options, Function<LakeTransaction, T> work) {
    return run(options, work).value();
  }

  /**
   * As {@link #transaction(Function)}, for work that returns nothing: returns what it committed.
   */
  public TransactionReceipt transact(Consumer<LakeTransaction> work) {
    return transact(TransactionOptions.DEFAULT, work);
  }

  /** As {@link #transact(Consumer)}, with options. */
  public TransactionReceipt transact(TransactionOptions options, Consumer<LakeTransaction> work) {
    return run(
            options,
            transaction -> {
              work.accept(transaction);
              return true;
            })
        .receipt();
  }

  /** Returns whether {@link #transaction} works here: in catalogs of our own, not over REST. */
  public boolean hasTransactions() {
    return catalog.isOurs();
  }

  private <T> Transactions.Ended<T> run(
      TransactionOptions options, Function<LakeTransaction, T> work) {
    Set<TableIdentifier> look =
        options.tables().stream().map(TableName::parse).collect(Collectors.toSet());
    return new Transactions(known -> new LakeTransaction(this, catalog, holds, resources, known))
        .run(look, options.attempts(), work);
  }

  /**
   * Returns the table.
   *
   * @throws FirnException (not found) naming near matches
   */
  public LakeTable table(String name) {
    return findTable(name).orElseThrow(() -> missing("find", name));
  }

  /**
   * Returns the table, or empty where there is none.
   *
   * @throws FirnException INVALID where the name is a view's
   */
  public Optional<LakeTable> findTable(String name) {
    TableIdentifier id = TableName.parse(name);
    return Guard.call(
        "read table " + name,
        () -> {
          try {
            Table loaded = catalog.loadTable(id);
            // Iceberg's catalogs find what describes a table too, by a name behind the table's.
            return loaded instanceof BaseMetadataTable
                ? Optional.empty()
                : Optional.of(table(id, loaded));
          } catch (NoSuchTableException e) {
            refuseView("read", name);
            return Optional.empty();
          }
        });
  }

  /**
   * Starts a scan of a table, or of what describes one, such as {@code shop.orders.files}: see
   * {@link LakeTable#metadata}. A table that has that very name comes first.
   *
   * @throws FirnException (not found) naming near matches
   */
  public LakeScan scan(String name) {
    Optional<LakeTable> table = findTable(name);
    if (table.isPresent()) {
      return table.get().scan();
    }
    int dot = name.lastIndexOf('.');
    String last = name.substring(dot + 1);
    String of = dot < 0 ? "" : name.substring(0, dot);
    Optional<LakeTable> described = of.contains(".") ? findTable(of) : Optional.empty();
    if (described.isEmpty()) {
      throw missing("find", name);
    }
    return described
        .get()
        .metadata(
            MetadataTable.find(last)
                .orElseThrow(
                    () ->
                        new FirnException(
                            ErrorKind.NOT_FOUND,
                            "Cannot scan %s: there is no such table, nor does %s have metadata of that name%s, expected one of %s"
                                .formatted(
                                    name,
                                    of,
                                    NearMatch.hint(last, MetadataTable.names()),
                                    String.join(", ", MetadataTable.names())))));
  }

  private void refuseView(String verb, String name) {
    TableIdentifier id = TableName.parse(name);
    if (Guard.call("look up " + name, () -> catalog.isView(id))) {
      throw FirnException.invalid(
          "Cannot %s table %s: it is a view, which Firn leaves to engines that have views, expected the name of a table; use Spark or Trino to query, replace or drop it"
              .formatted(verb, name));
    }
  }

  FirnException missing(String verb, String name) {
    refuseView(verb, name);
    List<String> all = tables();
    String hint = NearMatch.hint(name, all);
    if (hint.isEmpty()) {
      hint =
          all.isEmpty()
              ? "; the lakehouse has no tables yet"
              : "; 'firn describe' lists the tables";
    }
    return FirnException.notFound(
        "Cannot %s table %s: there is no such table%s".formatted(verb, name, hint));
  }

  /** Removes the table from the catalog and leaves its files where they are. */
  public void dropTable(String name) {
    if (!Guard.call(
        "drop table " + name, () -> catalog.tables().dropTable(TableName.parse(name), false))) {
      throw missing("drop", name);
    }
  }

  /**
   * Removes the table from the catalog and every file that it owns, and on local disk its directory
   * where nothing else is in it. Cannot be undone.
   */
  public void purgeTable(String name) {
    Optional<String> location = location(name);
    if (!Guard.call(
        "purge table " + name, () -> catalog.tables().dropTable(TableName.parse(name), true))) {
      throw missing("purge", name);
    }
    location.filter(Locations::local).map(Locations::localPath).ifPresent(EmptyTree::remove);
  }

  /** Returns where the table's files are; empty where it cannot be read, which a purge outlives. */
  private Optional<String> location(String name) {
    try {
      return findTable(name).map(table -> table.iceberg().location());
    } catch (FirnException e) {
      return Optional.empty();
    }
  }

  /**
   * Begins a sweep of the files that killed processes, and commits of unknown outcome, left behind.
   *
   * @throws FirnException (invalid) for a REST catalog, which keeps no ledger
   */
  public Sweep sweep() {
    return catalog.sweep();
  }

  /**
   * Returns the maintenance of the tables: to start a service, to do or see what is due, to pause,
   * and to look back.
   */
  public Maintenance maintenance() {
    return Maintenance.of(maintained);
  }

  /** Renames a table; its files stay where they are. */
  public void renameTable(String from, String to) {
    if (findTable(from).isEmpty()) {
      throw missing("rename", from);
    }
    Guard.run(
        "rename table " + from + " to " + to,
        () -> catalog.tables().renameTable(TableName.parse(from), TableName.parse(to)));
  }

  /**
   * Returns the root allocator for Arrow batches, made on first use; take a child of it per task.
   */
  public synchronized BufferAllocator allocator() {
    if (allocator == null) {
      allocator = new RootAllocator(Runtime.getRuntime().maxMemory());
    }
    return allocator;
  }

  /**
   * Closes services of maintenance that are still open, ends upkeep, closes the catalog, the key
   * indexes, then the allocator, which complains of batches that are still open.
   */
  @Override
  public void close() {
    // Not under the lock: their threads may ask for the allocator.
    maintained.close();
    closeAll();
  }

  private synchronized void closeAll() {
    upkeep.close();
    threads.close();
    catalog.close();
    indexes.close();
    if (allocator != null) {
      allocator.close();
      allocator = null;
    }
  }
}
