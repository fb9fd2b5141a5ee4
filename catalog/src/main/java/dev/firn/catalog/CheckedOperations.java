package dev.firn.catalog;

import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.encryption.EncryptionManager;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.LocationProvider;
import org.jspecify.annotations.Nullable;

/**
 * A table's operations that neither show nor commit a state that {@link SupportedTables} refuses.
 * As thread-safe as what it wraps.
 */
final class CheckedOperations implements TableOperations {
  private final String name;
  private final TableOperations operations;
  private @Nullable TableMetadata checked;

  CheckedOperations(String name, TableOperations operations) {
    this.name = name;
    this.operations = operations;
  }

  @Override
  public @Nullable TableMetadata current() {
    return checked(operations.current());
  }

  @Override
  public @Nullable TableMetadata refresh() {
    return checked(operations.refresh());
  }

  @Override
  public void commit(@Nullable TableMetadata base, TableMetadata metadata) {
    SupportedTables.check(name, metadata);
    operations.commit(base, metadata);
  }

  @Override
  public FileIO io() {
    return operations.io() instanceof MetadataFiles files ? files.stores() : operations.io();
  }

  @Override
  public EncryptionManager encryption() {
    return operations.encryption();
  }

  @Override
  public String metadataFileLocation(String fileName) {
    return operations.metadataFileLocation(fileName);
  }

  @Override
  public LocationProvider locationProvider() {
    return operations.locationProvider();
  }

  @Override
  public TableOperations temp(TableMetadata uncommitted) {
    return operations.temp(uncommitted);
  }

  @Override
  public long newSnapshotId() {
    return operations.newSnapshotId();
  }

  @Override
  public boolean requireStrictCleanup() {
    return operations.requireStrictCleanup();
  }

  private @Nullable TableMetadata checked(@Nullable TableMetadata metadata) {
    if (metadata != null && metadata != checked) {
      SupportedTables.check(name, metadata);
      checked = metadata;
    }
    return metadata;
  }
}
