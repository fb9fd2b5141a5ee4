package dev.firn.compaction.erase;

import dev.firn.scan.Pruning;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.ManifestContent;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.ManifestFiles;
import org.apache.iceberg.ManifestReader;
import org.apache.iceberg.Table;
import org.apache.iceberg.expressions.Expression;

/**
 * A search of every retained snapshot for the files that hold the rows of a filter. Remembers what
 * it read, since files do not change: a second search reads new ones only. Data files are left out
 * where partition or bounds say that they hold none. Confined to one thread.
 */
final class Search {
  private final Table table;
  private final Expression pruning;
  private final PhysicalRows rows;
  private final DeleteRows deletes;
  private final ErasedValues values;
  private final Map<String, Long> dataFiles = new HashMap<>();
  private final Map<String, DeleteFile> suspects = new HashMap<>();
  private final Set<String> harmless = new HashSet<>();

  /** Manifests, of which the files have been looked at. */
  private final Set<String> read = new HashSet<>();

  Search(Table table, Expression where, BufferAllocator allocator) {
    this.table = table;
    this.rows = new PhysicalRows(table, where, allocator);
    this.pruning = Pruning.weakened(table, where);
    this.values = ErasedValues.of(table, where);
    this.deletes = new DeleteRows(table, where, values);
  }

  /** Looks at the table as it is loaded. */
  Findings run() {
    Reach reach = Reach.of(table);
    for (ManifestFile manifest : reach.manifests().values()) {
      if (read.add(manifest.path())) {
        look(manifest);
      }
    }
    Map<String, Long> found = new LinkedHashMap<>();
    dataFiles.forEach(
        (location, matches) -> {
          if (matches > 0) {
            found.put(location, matches);
          }
        });
    Findings files = new Findings(found, Map.copyOf(suspects), Set.of(), List.of());
    Set<String> manifests = new HashSet<>();
    for (String manifest : reach.manifests().keySet()) {
      if (names(manifest, files)) {
        manifests.add(manifest);
      }
    }
    return new Findings(found, files.deleteFiles(), manifests, reach.snapshotsWith(manifests));
  }

  private void look(ManifestFile manifest) {
    try {
      if (manifest.content() == ManifestContent.DATA) {
        lookAtData(manifest);
      } else {
        lookAtDeletes(manifest);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void lookAtData(ManifestFile manifest) throws IOException {
    try (ManifestReader<DataFile> files =
        ManifestFiles.read(manifest, table.io(), table.specs()).filterRows(pruning)) {
      for (DataFile file : files) {
        if (!dataFiles.containsKey(file.location())) {
          dataFiles.put(file.location(), rows.count(file.copyWithoutStats()).matches());
        }
      }
    }
  }

  private void lookAtDeletes(ManifestFile manifest) throws IOException {
    try (ManifestReader<DeleteFile> files =
        ManifestFiles.readDeleteManifest(manifest, table.io(), table.specs())) {
      for (DeleteFile file : files) {
        String location = file.location();
        if (harmless.contains(location) || suspects.containsKey(location)) {
          continue;
        }
        DeleteFile copy = file.copy();
        if (deletes.count(copy).matches() > 0) {
          suspects.put(location, copy);
        } else {
          harmless.add(location);
        }
      }
    }
  }

  /** Whether the manifest names a file that has to go, or tells a value of one that went. */
  private boolean names(String manifest, Findings files) {
    boolean[] found = {false};
    ManifestEntries.each(
        table.io(),
        manifest,
        values.partitionType(),
        entry ->
            found[0] |=
                files.condemns(entry.location()) || (entry.removed() && entry.tells(values)));
    return found[0];
  }
}
