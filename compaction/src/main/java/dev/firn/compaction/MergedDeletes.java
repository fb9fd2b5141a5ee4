package dev.firn.compaction;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.HasTableOperations;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.ManifestFiles;
import org.apache.iceberg.ManifestReader;
import org.apache.iceberg.ManifestWriter;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.RewriteManifests;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.TableUtil;

/**
 * Delete manifests, each written with the live entries of several: Iceberg's own rewrite takes data
 * manifests only. The files are the caller's until a commit has them. Immutable.
 */
public record MergedDeletes(Table table, List<ManifestFile> sources, List<ManifestFile> merged) {

  /** Writes one manifest for each group. Leaves no file behind where it fails. */
  public static MergedDeletes write(Table table, Collection<List<ManifestFile>> groups) {
    MergedDeletes all = new MergedDeletes(table, new ArrayList<>(), new ArrayList<>());
    try {
      for (List<ManifestFile> group : groups) {
        all.sources().addAll(group);
        all.merged().add(all.merge(group));
      }
      return all;
    } catch (RuntimeException e) {
      all.remove();
      throw e;
    }
  }

  /** Has {@code rewrite} put the new ones in place of the old ones. */
  public void addTo(RewriteManifests rewrite) {
    sources.forEach(rewrite::deleteManifest);
    merged.forEach(rewrite::addManifest);
  }

  /** Removes the new ones, which surely are in no table. */
  public void remove() {
    ExpiredFiles.delete(table.io(), merged.stream().map(ManifestFile::path).toList());
  }

  private ManifestFile merge(List<ManifestFile> group) {
    PartitionSpec spec = table.specs().get(group.get(0).partitionSpecId());
    if (spec == null || !(table instanceof HasTableOperations catalogued)) {
      throw new IllegalStateException("Cannot merge delete manifests of " + table.name());
    }
    String codec =
        table
            .properties()
            .getOrDefault(
                TableProperties.MANIFEST_COMPRESSION, TableProperties.MANIFEST_COMPRESSION_DEFAULT);
    String location =
        catalogued
            .operations()
            .metadataFileLocation(FileFormat.AVRO.addExtension(UUID.randomUUID() + "-m0"));
    ManifestWriter<DeleteFile> writer =
        ManifestFiles.writeDeleteManifest(
            TableUtil.formatVersion(table),
            spec,
            table.io().newOutputFile(location),
            null,
            Map.of(TableProperties.AVRO_COMPRESSION, codec));
    try (writer) {
      Map<Long, Long> snapshots = snapshotsBySequence();
      for (ManifestFile source : group) {
        copy(source, writer, snapshots);
      }
    } catch (IOException e) {
      ExpiredFiles.delete(table.io(), List.of(location));
      throw new UncheckedIOException(e);
    } catch (RuntimeException e) {
      ExpiredFiles.delete(table.io(), List.of(location));
      throw e;
    }
    return writer.toManifestFile();
  }

  private void copy(
      ManifestFile source, ManifestWriter<DeleteFile> writer, Map<Long, Long> snapshots)
      throws IOException {
    try (ManifestReader<DeleteFile> entries =
        ManifestFiles.readDeleteManifest(source, table.io(), table.specs())) {
      for (DeleteFile file : entries) {
        Long added = file.fileSequenceNumber();
        // An expired snapshot's id is not known any more; the manifest's own is a later one.
        long snapshot = snapshots.getOrDefault(added == null ? -1L : added, source.snapshotId());
        writer.existing(file, snapshot, file.dataSequenceNumber(), added);
      }
    }
  }

  private Map<Long, Long> snapshotsBySequence() {
    Map<Long, Long> ids = new HashMap<>();
    for (Snapshot snapshot : table.snapshots()) {
      ids.put(snapshot.sequenceNumber(), snapshot.snapshotId());
    }
    return ids;
  }
}
