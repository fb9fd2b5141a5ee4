package dev.firn.catalog.intent;

import dev.firn.catalog.table.MetadataFiles;
import dev.firn.error.FirnException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.ManifestContent;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.ManifestFiles;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableMetadataParser;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.FileIO;

/**
 * Every file that a table can reach: of all retained snapshots the manifest list, the manifests,
 * live data and delete files; statistics; the current metadata and those of its log. Stateless but
 * for the store, which it borrows.
 */
final class TableFiles {
  private final FileIO stores;

  TableFiles(FileIO stores) {
    this.stores = stores;
  }

  /** Reads the metadata that is at a location. */
  TableMetadata read(String metadataLocation) {
    return TableMetadataParser.read(new MetadataFiles(stores), metadataLocation);
  }

  /**
   * Tells every file of the table, some more than once.
   *
   * @throws FirnException CORRUPT where a manifest or list cannot be read: then nothing can be said
   */
  void each(TableMetadata table, Consumer<String> file) {
    if (table.metadataFileLocation() != null) {
      file.accept(table.metadataFileLocation());
    }
    table.previousFiles().forEach(entry -> file.accept(entry.file()));
    table.statisticsFiles().forEach(entry -> file.accept(entry.path()));
    table.partitionStatisticsFiles().forEach(entry -> file.accept(entry.path()));
    try {
      for (ManifestFile manifest : manifests(table, file).values()) {
        file.accept(manifest.path());
        paths(table, manifest, file);
      }
    } catch (FirnException e) {
      throw e;
    } catch (RuntimeException e) {
      throw FirnException.corrupt(
          "Cannot tell which files are still needed: %s; nothing is removed [%s]"
              .formatted(e.getMessage(), table.location()),
          e);
    }
  }

  private Map<String, ManifestFile> manifests(TableMetadata table, Consumer<String> file) {
    Map<String, ManifestFile> manifests = new HashMap<>();
    for (Snapshot snapshot : table.snapshots()) {
      if (snapshot.manifestListLocation() != null) {
        file.accept(snapshot.manifestListLocation());
      }
      snapshot.allManifests(stores).forEach(each -> manifests.put(each.path(), each));
    }
    return manifests;
  }

  private void paths(TableMetadata table, ManifestFile manifest, Consumer<String> file) {
    try (CloseableIterable<String> paths =
        manifest.content() == ManifestContent.DATA
            ? ManifestFiles.readPaths(manifest, stores, table.specsById())
            : CloseableIterable.transform(
                ManifestFiles.readDeleteManifest(manifest, stores, table.specsById()),
                DeleteFile::location)) {
      paths.forEach(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
