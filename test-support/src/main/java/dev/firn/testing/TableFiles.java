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

/** The files of tables on local disk: those that are there, and those that must be. Stateless. */
public final class TableFiles {
  private TableFiles() {}

  /**
   * Returns every file that a retained snapshot of the table, as it is now, needs: metadata,
   * manifest lists, manifests, data and delete files, statistics.
   */
  public static Set<Path> needed(Table table) {
    TableMetadata metadata = ((HasTableOperations) table).operations().current();
    Set<Path> files = new TreeSet<>();
    files.add(path(metadata.metadataFileLocation()));
    metadata.statisticsFiles().forEach(file -> files.add(path(file.path())));
    metadata.partitionStatisticsFiles().forEach(file -> files.add(path(file.path())));
    Map<String, ManifestFile> manifests = new HashMap<>();
    for (Snapshot snapshot : metadata.snapshots()) {
      files.add(path(snapshot.manifestListLocation()));
      snapshot.allManifests(table.io()).forEach(each -> manifests.put(each.path(), each));
    }
    for (ManifestFile manifest : manifests.values()) {
      files.add(path(manifest.path()));
      try (CloseableIterable<String> contents = contents(table, manifest)) {
        contents.forEach(content -> files.add(path(content)));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return files;
  }

  /** Returns the earlier metadata files that the table still names; they need not be there. */
  public static Set<Path> earlierMetadata(Table table) {
    TableMetadata metadata = ((HasTableOperations) table).operations().current();
    Set<Path> files = new HashSet<>();
    metadata.previousFiles().forEach(entry -> files.add(path(entry.file())));
    return files;
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

  private static Path path(String location) {
    return Path.of(location.replaceFirst("^file:/+", "/"));
  }
}
