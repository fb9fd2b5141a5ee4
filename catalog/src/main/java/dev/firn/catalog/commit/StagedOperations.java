package dev.firn.catalog.commit;

import org.apache.iceberg.LocationProviders;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.LocationProvider;
import org.jspecify.annotations.Nullable;

/**
 * A table whose metadata is in memory: what Iceberg's API commits to it becomes current at once,
 * here and nowhere else; manifests and lists go to the stores. Confined to one thread.
 */
final class StagedOperations implements TableOperations {
  private final StagingFiles files;
  private TableMetadata current;

  StagedOperations(TableMetadata base, StagingFiles files) {
    this.current = base;
    this.files = files;
  }

  @Override
  public TableMetadata current() {
    return current;
  }

  @Override
  public TableMetadata refresh() {
    return current;
  }

  @Override
  public void commit(@Nullable TableMetadata base, TableMetadata metadata) {
    if (base != current) {
      throw new CommitFailedException("Cannot stage a change of stale metadata");
    }
    current = metadata;
  }

  @Override
  public FileIO io() {
    return files;
  }

  @Override
  public String metadataFileLocation(String fileName) {
    return MetadataLocations.of(current, fileName);
  }

  @Override
  public LocationProvider locationProvider() {
    return LocationProviders.locationsFor(current.location(), current.properties());
  }

  @Override
  public TableOperations temp(TableMetadata uncommitted) {
    return new StagedOperations(uncommitted, files);
  }
}
