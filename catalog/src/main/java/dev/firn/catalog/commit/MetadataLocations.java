package dev.firn.catalog.commit;

import java.util.UUID;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableMetadataParser;
import org.apache.iceberg.TableProperties;
import org.jspecify.annotations.Nullable;

/** Where metadata files go, and how they are named: as Iceberg's own catalogs do. Stateless. */
final class MetadataLocations {
  private MetadataLocations() {}

  /** Returns the location of a metadata file: manifest, list, or table metadata. */
  static String of(TableMetadata metadata, String fileName) {
    String directory = metadata.property(TableProperties.WRITE_METADATA_LOCATION, "");
    return (directory.isEmpty() ? metadata.location() + "/metadata" : stripTrailingSlash(directory))
        + "/"
        + fileName;
  }

  /** Returns a location never used before, for the metadata that follows {@code previous}. */
  static String next(@Nullable String previous, TableMetadata metadata) {
    String codec =
        metadata.property(
            TableProperties.METADATA_COMPRESSION, TableProperties.METADATA_COMPRESSION_DEFAULT);
    return of(
        metadata,
        "%05d-%s%s"
            .formatted(
                previous == null ? 0 : version(previous) + 1,
                UUID.randomUUID(),
                TableMetadataParser.getFileExtension(codec)));
  }

  /** Returns the version in the file's name; -1 where a foreign writer named it otherwise. */
  static int version(String location) {
    int start = location.lastIndexOf('/') + 1;
    int end = location.indexOf('-', start);
    try {
      return end < 0 ? -1 : Integer.parseInt(location.substring(start, end));
    } catch (NumberFormatException e) {
      return -1;
    }
  }

  private static String stripTrailingSlash(String directory) {
    return directory.endsWith("/") ? directory.substring(0, directory.length() - 1) : directory;
  }
}
