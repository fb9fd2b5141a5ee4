package dev.firn.catalog.commit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.ManifestFiles;
import org.apache.iceberg.ManifestWriter;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.OutputFile;

/**
 * Writes manifests of new data files in the caller's thread: one per partition spec, and per
 * {@value #FILES} files. They have no snapshot id yet, and so can be made part of any snapshot.
 * Stateless.
 */
final class DataManifests {
  private static final int FILES = 10_000;

  private DataManifests() {}

  static List<ManifestFile> write(TableMetadata metadata, FileIO files, List<DataFile> added) {
    List<ManifestFile> written = new ArrayList<>();
    Map<Integer, List<DataFile>> bySpec = new LinkedHashMap<>();
    added.forEach(file -> bySpec.computeIfAbsent(file.specId(), id -> new ArrayList<>()).add(file));
    String prefix = UUID.randomUUID() + "-m";
    bySpec.forEach(
        (specId, all) -> {
          for (int from = 0; from < all.size(); from += FILES) {
            OutputFile file =
                files.newOutputFile(
                    MetadataLocations.of(
                        metadata, FileFormat.AVRO.addExtension(prefix + written.size())));
            List<DataFile> part = all.subList(from, Math.min(from + FILES, all.size()));
            written.add(write(metadata, metadata.spec(specId), part, file));
          }
        });
    return written;
  }

  private static ManifestFile write(
      TableMetadata metadata, PartitionSpec spec, List<DataFile> added, OutputFile file) {
    ManifestWriter<DataFile> writer =
        ManifestFiles.write(metadata.formatVersion(), spec, file, null, codec(metadata));
    try (writer) {
      added.forEach(writer::add);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot write manifest " + file.location(), e);
    }
    return writer.toManifestFile();
  }

  private static Map<String, String> codec(TableMetadata metadata) {
    Map<String, String> codec = new LinkedHashMap<>();
    codec.put(
        TableProperties.AVRO_COMPRESSION,
        metadata.property(
            TableProperties.MANIFEST_COMPRESSION, TableProperties.MANIFEST_COMPRESSION_DEFAULT));
    String level = metadata.properties().get(TableProperties.MANIFEST_COMPRESSION_LEVEL);
    if (level != null) {
      codec.put(TableProperties.AVRO_COMPRESSION_LEVEL, level);
    }
    return codec;
  }
}
