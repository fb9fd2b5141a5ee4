package dev.firn.compaction.erase;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.HasTableOperations;
import org.apache.iceberg.ManifestContent;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.ManifestFiles;
import org.apache.iceberg.ManifestReader;
import org.apache.iceberg.PartitionStatisticsFile;
import org.apache.iceberg.StatisticsFile;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadata;

/** Every file that a table's metadata leads to, by location, as the table is loaded. Immutable. */
final class Reachable {
  private final Map<String, DataFile> data = new LinkedHashMap<>();
  private final Map<String, DeleteFile> deletes = new LinkedHashMap<>();
  private final Map<String, String> others = new LinkedHashMap<>();

  Reachable(Table table) {
    Reach reach = Reach.of(table);
    TableMetadata metadata = ((HasTableOperations) table).operations().current();
    if (metadata.metadataFileLocation() != null) {
      others.put(metadata.metadataFileLocation(), "metadata");
    }
    metadata.previousFiles().forEach(entry -> others.put(entry.file(), "metadata"));
    for (StatisticsFile file : table.statisticsFiles()) {
      others.put(file.path(), "statistics");
    }
    for (PartitionStatisticsFile file : table.partitionStatisticsFiles()) {
      others.put(file.path(), "partition-statistics");
    }
    reach.lists().forEach(list -> others.put(list, "manifest-list"));
    try {
      for (ManifestFile manifest : reach.manifests().values()) {
        others.put(manifest.path(), "manifest");
        read(table, manifest);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void read(Table table, ManifestFile manifest) throws IOException {
    if (manifest.content() == ManifestContent.DATA) {
      try (ManifestReader<DataFile> files =
          ManifestFiles.read(manifest, table.io(), table.specs())) {
        files.forEach(file -> data.putIfAbsent(file.location(), file.copyWithoutStats()));
      }
    } else {
      try (ManifestReader<DeleteFile> files =
          ManifestFiles.readDeleteManifest(manifest, table.io(), table.specs())) {
        files.forEach(file -> deletes.putIfAbsent(file.location(), file.copyWithoutStats()));
      }
    }
  }

  Map<String, DataFile> data() {
    return data;
  }

  /** One of the vectors where several lie in one file. */
  Map<String, DeleteFile> deletes() {
    return deletes;
  }

  /** What metadata files are, by location. */
  Map<String, String> others() {
    return others;
  }

  boolean has(String location) {
    return data.containsKey(location)
        || deletes.containsKey(location)
        || others.containsKey(location);
  }

  void removeFrom(Set<String> locations) {
    locations.removeIf(this::has);
  }
}
