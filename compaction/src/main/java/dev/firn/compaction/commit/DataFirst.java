package dev.firn.compaction.commit;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.iceberg.RewriteFiles;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotRef;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.encryption.EncryptionManager;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.LocationProvider;
import org.jspecify.annotations.Nullable;

/**
 * Operations of a table for one update, whose manifests of data files are written before it is
 * committed, while others still commit. Confined to one thread; borrows the table's operations.
 *
 * <p>How it works: Iceberg keeps what it wrote for an update from one attempt to commit it to the
 * next. The first attempt ends before the swap, and sees no deletes, so that nothing depends on
 * those. The next one finds the manifests of the data files, where these are still the same, and
 * writes the others.
 */
final class DataFirst implements TableOperations {
  private final TableOperations table;
  private final Set<String> written = new HashSet<>();
  private @Nullable TableMetadata withoutDeletes;

  DataFirst(TableOperations table) {
    this.table = table;
  }

  /** Writes the data's manifests of an update that was made of this. */
  void write(RewriteFiles update) {
    TableMetadata now = table.current();
    Snapshot head = WithoutDeletes.head(now, newSnapshotId());
    withoutDeletes =
        TableMetadata.buildFrom(now).setBranchSnapshot(head, SnapshotRef.MAIN_BRANCH).build();
    try {
      Snapshot unused = update.validateFromSnapshot(head.snapshotId()).apply();
    } finally {
      withoutDeletes = null;
    }
  }

  /** Returns the locations of what was written, and perhaps removed again. */
  List<String> written() {
    return List.copyOf(written);
  }

  @Override
  public TableMetadata current() {
    TableMetadata seen = withoutDeletes;
    return seen == null ? table.current() : seen;
  }

  @Override
  public TableMetadata refresh() {
    TableMetadata seen = withoutDeletes;
    return seen == null ? table.refresh() : seen;
  }

  @Override
  public void commit(@Nullable TableMetadata base, TableMetadata metadata) {
    table.commit(base, metadata);
  }

  @Override
  public FileIO io() {
    return table.io();
  }

  @Override
  public EncryptionManager encryption() {
    return table.encryption();
  }

  /** Only metadata is written by name. */
  @Override
  public String metadataFileLocation(String fileName) {
    String location = table.metadataFileLocation(fileName);
    written.add(location);
    return location;
  }

  @Override
  public LocationProvider locationProvider() {
    return table.locationProvider();
  }

  @Override
  public TableOperations temp(TableMetadata uncommitted) {
    return table.temp(uncommitted);
  }

  @Override
  public long newSnapshotId() {
    return table.newSnapshotId();
  }

  @Override
  public boolean requireStrictCleanup() {
    return table.requireStrictCleanup();
  }
}
