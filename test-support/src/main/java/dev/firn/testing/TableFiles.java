package dev.firn.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.HasTableOperations;
import org.apache.iceberg.ManifestContent;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.ManifestFiles;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.io.CloseableIterable;

/** The files of tables: those that must be there, and on local disk those that are. Stateless. */
public final class TableFiles {
  private TableFiles() {}

  /**
   * Returns where every file is that a retained snapshot of the table, as it is now, needs:
   * metadata, manifest lists, manifests, data and delete files, statistics. Of any store.
   */
  public static Set<String> neededLocations(Table table) {
    TableMetadata metadata = ((HasTableOperations) table).operations().current();
    Set<String> files = new TreeSet<>();
    files.add(metadata.metadataFileLocation());
    metadata.statisticsFiles().forEach(file -> files.add(file.path()));
    metadata.partitionStatisticsFiles().forEach(file -> files.add(file.path()));
    metadata.partitionStatisticsFiles().forEach(file -> files.add(file.path()));
    Map<String, ManifestFile> manifests = new HashMap<>();
    for (Snapshot snapshot : metadata.snapshots()) {
      files.add(snapshot.manifestListLocation());
      snapshot.allManifests(table.io()).forEach(each -> manifests.put(each.path(), each));
    }
    for (ManifestFile manifest : manifests.values()) {
      files.add(manifest.path());
      try (CloseableIterable<String> contents = contents(table, manifest)) {
        contents.forEach(files::add);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return files;
  }

  /** Returns where the earlier metadata is that the table still names; it need not be there. */
  public static Set<String> earlierMetadataLocations(Table table) {
    TableMetadata metadata = ((HasTableOperations) table).operations().current();
    Set<String> files = new HashSet<>();
    metadata.previousFiles().forEach(entry -> files.add(entry.file()));
    return files;
  }

  /** As {@link #neededLocations}, of a table on local disk. */
  public static Set<Path> needed(Table table) {
    return paths(neededLocations(table));
  }

  /** As {@link #earlierMetadataLocations}, of a table on local disk. */
  public static Set<Path> earlierMetadata(Table table) {
    return paths(earlierMetadataLocations(table));
  }

  /** Returns every file below a directory. */
  public static Set<Path> present(Path directory) {
    try (Stream<Path> all = Files.walk(directory)) {
      Set<Path> files = new TreeSet<>();
      all.filter(Files::isRegularFile).forEach(files::add);
      return files;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns the directory of the table's files. */
  public static Path directory(Table table) {
    return path(table.location());
  }

  private static CloseableIterable<String> contents(Table table, ManifestFile manifest) {
    return manifest.content() == ManifestContent.DATA
        ? ManifestFiles.readPaths(manifest, table.io(), table.specs())
        : CloseableIterable.transform(
            ManifestFiles.readDeleteManifest(manifest, table.io(), table.specs()),
            DeleteFile::location);
  }

  private static Set<Path> paths(Set<String> locations) {
    Set<Path> paths = new TreeSet<>();
    locations.forEach(location -> paths.add(path(location)));
    return paths;
  }

  /** Returns the path of a local location, with or without a scheme. */
  public static Path path(String location) {
    return Path.of(location.replaceFirst("^file:/+", "/"));
  }
}
