package dev.firn.catalog.commit;

import org.apache.iceberg.LocationProviders;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.LocationProvider;
import org.jspecify.annotations.Nullable;

/**
 * Operations whose commits change metadata in memory alone: Iceberg's own API then stages a change
 * instead of making it. Manifests and manifest lists are written through {@code stores}. Confined
 * to one thread.
 */
final class InMemoryOperations implements TableOperations {
  private final FileIO stores;
  private TableMetadata current;

  InMemoryOperations(TableMetadata start, FileIO stores) {
    this.current = start;
    this.stores = stores;
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
      throw new IllegalStateException("Cannot stage a change: it was made of other metadata");
    }
    current = metadata;
  }

  @Override
  public FileIO io() {
    return stores;
  }

  @Override
  public String metadataFileLocation(String fileName) {
    return location(current, fileName);
  }

  static String location(TableMetadata metadata, String fileName) {
    String directory = metadata.properties().get(TableProperties.WRITE_METADATA_LOCATION);
    return (directory == null ? metadata.location() + "/metadata" : directory) + "/" + fileName;
  }

  @Override
  public LocationProvider locationProvider() {
    return LocationProviders.locationsFor(current.location(), current.properties());
  }

  @Override
  public TableOperations temp(TableMetadata uncommitted) {
    return new InMemoryOperations(uncommitted, stores);
  }
}
