package dev.firn.catalog.commit;

import dev.firn.catalog.jdbc.Connections;
import dev.firn.catalog.jdbc.Database;
import dev.firn.catalog.jdbc.Intents;
import dev.firn.catalog.jdbc.Namespaces;
import dev.firn.catalog.jdbc.Pointers;
import dev.firn.storage.Locations;
import dev.firn.storage.scheme.SchemeFileIO;
import dev.firn.testing.FaultyDataSource;
import dev.firn.testing.FaultyFileIO;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileMetadata;
import org.apache.iceberg.IsolationLevel;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.catalog.Catalog;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.deletes.BaseDVFileWriter;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.jdbc.JdbcCatalog;
import org.apache.iceberg.jdbc.JdbcClientPool;
import org.apache.iceberg.types.Types;

/**
 * The commits of one process over an SQLite database, with faults to inject, and another process's
 * catalog beside it. Owns all of it.
 */
final class CommitLake implements AutoCloseable {
  static final TableIdentifier ORDERS = TableIdentifier.of("shop", "orders");
  static final Schema SCHEMA =
      new Schema(
          Types.NestedField.required(1, "id", Types.LongType.get()),
          Types.NestedField.optional(2, "city", Types.StringType.get()));
  static final PartitionSpec BY_CITY = PartitionSpec.builderFor(SCHEMA).identity("city").build();

  private final Path directory;
  private final String uri;
  private final Database database;
  private final List<AutoCloseable> opened = new ArrayList<>();
  private FaultyDataSource calls;
  final FaultyFileIO files = new FaultyFileIO(new SchemeFileIO());
  final Commits commits;
  private long marked;

  CommitLake(Path directory) {
    this.directory = directory;
    this.uri = "jdbc:sqlite:" + directory.resolve("catalog.db");
    this.database =
        Connections.open(
            uri,
            Map.of(),
            pool -> {
              calls = new FaultyDataSource(pool);
              return calls;
            });
    Namespaces namespaces = new Namespaces(database, "firn");
    if (!namespaces.exists(Namespace.of("shop"))) {
      namespaces.create(Namespace.of("shop"), Map.of());
    }
    this.commits =
        new Commits(new Pointers(database, "firn"), files, new Intents(database, "firn"));
  }

  FaultyDataSource calls() {
    return calls;
  }

  Database database() {
    return database;
  }

  /** Makes the table of orders, by city. */
  Table create(int formatVersion, String... properties) {
    Map<String, String> all = new HashMap<>();
    all.put("format-version", Integer.toString(formatVersion));
    for (int i = 0; i < properties.length; i += 2) {
      all.put(properties[i], properties[i + 1]);
    }
    String location = Locations.of(directory) + "/shop/orders-" + UUID.randomUUID();
    commits
        .operations(ORDERS)
        .commit(null, TableMetadata.newTableMetadata(SCHEMA, BY_CITY, location, all));
    Table made = table();
    made.refresh();
    return made;
  }

  /** Returns the table, loaded anew. */
  Table table() {
    return new BaseTable(commits.operations(ORDERS), ORDERS.toString());
  }

  void drop() {
    foreign().dropTable(ORDERS, false);
  }

  /** Opens Iceberg's own catalog on the database, as another process would. */
  Catalog foreign() {
    JdbcCatalog catalog =
        new JdbcCatalog(p -> new SchemeFileIO(), p -> new JdbcClientPool(uri, p), false);
    catalog.initialize(
        "firn",
        Map.of(
            "uri",
            uri,
            "warehouse",
            Locations.of(directory),
            "jdbc.schema-version",
            "V1",
            "jdbc.busy_timeout",
            "10000"));
    opened.add(catalog);
    return catalog;
  }

  /** Opens the commits of another process on the same database and stores. */
  CommitLake second() {
    CommitLake second = new CommitLake(directory);
    opened.add(second);
    return second;
  }

  CompletableFuture<CommitReceipt> submit(RowChange change) {
    return commits.submit(ORDERS, CommitRequest.of(change));
  }

  CommitReceipt commit(RowChange change) {
    return Futures.await(submit(change));
  }

  /** Makes one group of all that is submitted meanwhile. */
  void together(Runnable submissions) {
    Lane.Hold hold = commits.hold(ORDERS, null);
    try {
      submissions.run();
    } finally {
      hold.close();
    }
  }

  /** The metadata of a data file: commits do not look at the bytes. */
  DataFile file(String city) {
    return file(city, UUID.randomUUID().toString());
  }

  DataFile file(String city, String name) {
    return DataFiles.builder(BY_CITY)
        .withPath(Locations.of(directory) + "/data/" + name + ".parquet")
        .withPartitionPath("city=" + city)
        .withFileSizeInBytes(100)
        .withRecordCount(10)
        .build();
  }

  /** Position deletes of one data file (v2). */
  DeleteFile deletesOf(DataFile file) {
    return FileMetadata.deleteFileBuilder(BY_CITY)
        .ofPositionDeletes()
        .withPath(file.location() + "-" + UUID.randomUUID() + "-deletes.parquet")
        .withReferencedDataFile(file.location())
        .withPartition(file.partition())
        .withFileSizeInBytes(50)
        .withRecordCount(1)
        .build();
  }

  /** A deletion vector of one data file (v3), of a row that no other vector has. */
  DeleteFile vectorOf(DataFile file) {
    return vectorOf(file, marked++);
  }

  DeleteFile vectorOf(DataFile file, long... positions) {
    String location = file.location() + "-" + UUID.randomUUID() + ".puffin";
    BaseDVFileWriter writer =
        new BaseDVFileWriter(() -> files.newOutputFile(location), path -> null);
    for (long position : positions) {
      writer.delete(file.location(), position, BY_CITY, file.partition());
    }
    try {
      writer.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return writer.result().deleteFiles().get(0);
  }

  static RowChange append(DataFile... files) {
    return append(Map.of(), files);
  }

  static RowChange append(Map<String, String> summary, DataFile... files) {
    return onBranch("main", summary, files);
  }

  static RowChange onBranch(String branch, Map<String, String> summary, DataFile... files) {
    return new RowChange(
        branch,
        List.of(files),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        null,
        Expressions.alwaysFalse(),
        IsolationLevel.SERIALIZABLE,
        summary);
  }

  /** Replaces a file by another, having read its city. */
  static RowChange replace(DataFile old, DataFile by, long base) {
    return new RowChange(
        "main",
        List.of(by),
        List.of(old),
        List.of(),
        List.of(),
        List.of(),
        base,
        Expressions.equal("city", city(old)),
        IsolationLevel.SERIALIZABLE,
        Map.of());
  }

  /** Marks rows of a file, having read its city. */
  static RowChange mark(DataFile file, DeleteFile deletes, long base) {
    return mark(file, deletes, base, Expressions.equal("city", city(file)));
  }

  static RowChange mark(DataFile file, DeleteFile deletes, long base, Expression read) {
    return new RowChange(
        "main",
        List.of(),
        List.of(),
        List.of(deletes),
        List.of(),
        List.of(file.location()),
        base,
        read,
        IsolationLevel.SERIALIZABLE,
        Map.of());
  }

  static String city(DataFile file) {
    return file.partition().get(0, CharSequence.class).toString();
  }

  /** Returns the names of the data files that a reader of a branch sees. */
  List<String> visible(String branch) {
    Table table = table();
    List<String> names = new ArrayList<>();
    if (table.currentSnapshot() == null && branch.equals("main")) {
      return names;
    }
    try (CloseableIterable<org.apache.iceberg.FileScanTask> tasks =
        table.newScan().useRef(branch).planFiles()) {
      tasks.forEach(task -> names.add(name(task.file())));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    names.sort(null);
    return names;
  }

  List<String> visible() {
    return visible("main");
  }

  static String name(DataFile file) {
    String path = file.location();
    return path.substring(path.lastIndexOf('/') + 1, path.length() - ".parquet".length());
  }

  static List<String> names(List<DataFile> files) {
    return files.stream().map(CommitLake::name).sorted().toList();
  }

  static List<Snapshot> snapshots(Table table) {
    List<Snapshot> all = new ArrayList<>();
    table.snapshots().forEach(all::add);
    return all;
  }

  /** Returns the metadata files that are in the store, by name. */
  Set<String> metadataFiles(Table table) {
    Set<String> names = new TreeSet<>();
    try (var all = java.nio.file.Files.list(Locations.localPath(table.location() + "/metadata"))) {
      all.forEach(file -> names.add(file.getFileName().toString()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return names;
  }

  static CommitRequest within(RowChange change, Duration within) {
    return new CommitRequest(change, null, null, List.of(), within);
  }

  @Override
  public void close() {
    for (AutoCloseable each : opened) {
      try {
        each.close();
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    }
    commits.close();
    database.close();
  }
}
