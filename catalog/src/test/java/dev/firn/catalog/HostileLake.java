package dev.firn.catalog;

import dev.firn.catalog.commit.CommitRequest;
import dev.firn.catalog.commit.TableCommitter;
import dev.firn.catalog.intent.SweepResult;
import dev.firn.catalog.intent.WriteIntent;
import dev.firn.catalog.table.TableName;
import dev.firn.storage.Locations;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.HasTableOperations;
import org.apache.iceberg.ManifestFiles;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableMetadataParser;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.PositionOutputStream;

/** A warehouse on disk whose tables are moved, copied and linked behind its back. Owns it. */
final class HostileLake implements AutoCloseable {
  final Path directory;
  final LakeCatalog writer;
  final LakeCatalog sweeper;
  final Ledger ledger;

  HostileLake(Path directory) {
    this.directory = directory;
    this.writer = LakeCatalog.open(settings("firn"));
    this.sweeper = LakeCatalog.open(settings("firn"));
    this.ledger = Ledger.open(settings("firn").uri());
    writer.namespaces().createNamespace(Namespace.of("shop"));
  }

  CatalogSettings settings(String catalog) {
    return new CatalogSettings(
        catalog,
        "jdbc:sqlite:" + directory.resolve("firn.db"),
        Locations.of(directory.resolve("lake")),
        Map.of());
  }

  Table create(String name, Map<String, String> properties) {
    var builder =
        writer
            .tables()
            .buildTable(TableName.parse(name), CatalogContract.SCHEMA)
            .withPartitionSpec(CatalogContract.BY_CITY);
    properties.forEach(builder::withProperty);
    return builder.create();
  }

  Table load(String name) {
    return writer.loadTable(TableName.parse(name));
  }

  /** Writes a file that the intent knows. */
  DataFile write(Table table, WriteIntent intent) {
    DataFile file = CatalogContract.file(table, "a");
    intent.creating(java.util.List.of(file.location()));
    try (PositionOutputStream out = table.io().newOutputFile(file.location()).create()) {
      out.write(file.location().getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return file;
  }

  /** As another engine commits: the ledger does not hear of it. */
  static void commitElsewhere(Table table, DataFile file) {
    TableCommitter.commit(table, CatalogContract.append("main", Map.of(), file));
    table.refresh();
  }

  void commit(String name, WriteIntent intent, DataFile... files) {
    writer.commit(
        TableName.parse(name),
        new CommitRequest(
            CatalogContract.append("main", Map.of(), files),
            null,
            null,
            intent.ids(),
            Duration.ZERO));
  }

  static TableMetadata metadata(Table table) {
    return ((HasTableOperations) table).operations().refresh();
  }

  /**
   * Registers what the metadata of {@code from} says as another table, whose metadata is in another
   * directory, as a move or a copy of the table's directory does.
   */
  Table registered(Table from, String name, Path at) {
    TableMetadata moved =
        TableMetadata.buildFrom(metadata(from)).setLocation(Locations.of(at)).build();
    String file = Locations.of(at.resolve("metadata/00009-moved.metadata.json"));
    TableMetadataParser.write(moved, from.io().newOutputFile(file));
    return writer.tables().registerTable(TableName.parse(name), file);
  }

  void drop(String name) {
    writer.tables().dropTable(TableName.parse(name), false);
  }

  /** All that is due, without any delay. */
  SweepResult sweep() {
    return sweeper.sweep().grace(Duration.ZERO).deleteAfter(Duration.ZERO).run();
  }

  /**
   * Every file that any table of the catalog reaches by any snapshot, told by Iceberg's readers.
   */
  Set<Path> reachable() {
    Set<Path> files = new TreeSet<>();
    for (TableIdentifier id : writer.tables().listTables(Namespace.of("shop"))) {
      Table table = writer.loadTable(id);
      files.add(Locations.localPath(metadata(table).metadataFileLocation()));
      table.statisticsFiles().forEach(each -> files.add(Locations.localPath(each.path())));
      table.partitionStatisticsFiles().forEach(each -> files.add(Locations.localPath(each.path())));
      for (Snapshot snapshot : table.snapshots()) {
        files.add(Locations.localPath(snapshot.manifestListLocation()));
        for (var manifest : snapshot.allManifests(table.io())) {
          files.add(Locations.localPath(manifest.path()));
          try (CloseableIterable<String> paths =
              ManifestFiles.readPaths(manifest, table.io(), table.specs())) {
            paths.forEach(path -> files.add(Locations.localPath(path)));
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        }
      }
    }
    return files;
  }

  /** Gives every file that is there such an age. */
  void age(Duration age) {
    try (Stream<Path> all = Files.walk(directory.resolve("lake"))) {
      for (Path each : all.filter(Files::isRegularFile).toList()) {
        Files.setLastModifiedTime(each, FileTime.from(Instant.now().minus(age)));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Path path(DataFile file) {
    return Locations.localPath(file.location());
  }

  @Override
  public void close() {
    ledger.close();
    sweeper.close();
    writer.close();
  }
}
