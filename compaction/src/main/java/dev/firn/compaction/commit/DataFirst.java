package dev.firn.compaction.commit;

import dev.firn.format.write.ForwardingOperations;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.iceberg.RewriteFiles;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotRef;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableOperations;
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
final class DataFirst extends ForwardingOperations {
  private final Set<String> written = new HashSet<>();
  private @Nullable TableMetadata withoutDeletes;

  DataFirst(TableOperations table) {
    super(table);
  }

  /** Writes the data's manifests of an update that was made of this. */
  void write(RewriteFiles update) {
    TableMetadata now = super.current();
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
    return seen == null ? super.current() : seen;
  }

  @Override
  public TableMetadata refresh() {
    TableMetadata seen = withoutDeletes;
    return seen == null ? super.refresh() : seen;
  }

  /** Only metadata is written by name. */
  @Override
  public String metadataFileLocation(String fileName) {
    String location = super.metadataFileLocation(fileName);
    written.add(location);
    return location;
  }
}
