package dev.firn.catalog.commit;

import dev.firn.catalog.jdbc.Pointers;
import dev.firn.catalog.table.MetadataFiles;
import dev.firn.catalog.table.SupportedTables;
import dev.firn.catalog.table.TableName;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.apache.iceberg.CatalogUtil;
import org.apache.iceberg.LocationProviders;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableMetadataParser;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.exceptions.NoSuchTableException;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.LocationProvider;
import org.jspecify.annotations.Nullable;

/** Iceberg's view of one table of the catalog. Thread-safe. */
final class LaneOperations implements TableOperations {
  private final TableIdentifier table;
  private final Pointers pointers;
  private final FileIO stores;
  private @Nullable TableMetadata current;

  LaneOperations(TableIdentifier table, Pointers pointers, FileIO stores) {
    this.table = table;
    this.pointers = pointers;
    this.stores = stores;
  }

  @Override
  public synchronized @Nullable TableMetadata current() {
    return current == null ? refresh() : current;
  }

  @Override
  public synchronized @Nullable TableMetadata refresh() {
    Optional<String> location = pointers.find(table);
    if (location.isEmpty()) {
      if (current != null) {
        throw new NoSuchTableException("Table does not exist: %s", table);
      }
      return null;
    }
    if (current == null || !location.get().equals(current.metadataFileLocation())) {
      TableMetadata read = TableMetadataParser.read(new MetadataFiles(stores), location.get());
      SupportedTables.check(TableName.format(table), read);
      current = read;
    }
    return current;
  }

  @Override
  public synchronized void commit(@Nullable TableMetadata base, TableMetadata metadata) {
    SupportedTables.check(TableName.format(table), metadata);
    String codec =
        metadata.property(
            TableProperties.METADATA_COMPRESSION, TableProperties.METADATA_COMPRESSION_DEFAULT);
    int version = 0;
    if (base != null) {
      String name = base.metadataFileLocation();
      String file = name.substring(name.lastIndexOf('/') + 1);
      version = Integer.parseInt(file.substring(0, file.indexOf('-'))) + 1;
    }
    String to =
        location(
            metadata,
            "%05d-%s%s"
                .formatted(
                    version, UUID.randomUUID(), TableMetadataParser.getFileExtension(codec)));
    TableMetadataParser.write(metadata, stores.newOutputFile(to));
    Pointers.Result result =
        pointers.swap(
            new Pointers.Swap(
                List.of(
                    new Pointers.Move(
                        table, base == null ? null : base.metadataFileLocation(), to)),
                List.of(),
                List.of()));
    if (!(result instanceof Pointers.Result.Applied)) {
      stores.deleteFile(to);
      throw new CommitFailedException("Cannot commit to %s: another writer came first", table);
    }
    current = TableMetadata.buildFrom(metadata).withMetadataLocation(to).discardChanges().build();
    if (base != null) {
      CatalogUtil.deleteRemovedMetadataFiles(stores, base, metadata);
    }
  }

  @Override
  public FileIO io() {
    return stores;
  }

  @Override
  public String metadataFileLocation(String fileName) {
    TableMetadata metadata = current();
    if (metadata == null) {
      throw new NoSuchTableException("Table does not exist: %s", table);
    }
    return location(metadata, fileName);
  }

  private static String location(TableMetadata metadata, String fileName) {
    String directory = metadata.properties().get(TableProperties.WRITE_METADATA_LOCATION);
    return (directory == null ? metadata.location() + "/metadata" : directory) + "/" + fileName;
  }

  @Override
  public LocationProvider locationProvider() {
    TableMetadata metadata = current();
    if (metadata == null) {
      throw new NoSuchTableException("Table does not exist: %s", table);
    }
    return LocationProviders.locationsFor(metadata.location(), metadata.properties());
  }

  @Override
  public TableOperations temp(TableMetadata uncommitted) {
    return new Uncommitted(this, uncommitted);
  }

  /** The operations as a table would have them whose metadata is not committed yet. */
  private record Uncommitted(LaneOperations operations, TableMetadata metadata)
      implements TableOperations {
    @Override
    public TableMetadata current() {
      return metadata;
    }

    @Override
    public TableMetadata refresh() {
      throw new UnsupportedOperationException("Cannot refresh uncommitted metadata");
    }

    @Override
    public void commit(@Nullable TableMetadata base, TableMetadata changed) {
      throw new UnsupportedOperationException("Cannot commit from uncommitted metadata");
    }

    @Override
    public FileIO io() {
      return operations.stores;
    }

    @Override
    public String metadataFileLocation(String fileName) {
      return location(metadata, fileName);
    }

    @Override
    public LocationProvider locationProvider() {
      return LocationProviders.locationsFor(metadata.location(), metadata.properties());
    }
  }
}
