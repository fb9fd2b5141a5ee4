package dev.firn;

import dev.firn.scan.change.FollowedChanges;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.Record;

/**
 * The changes of one snapshot, or of several as one where a backlog is limited, as {@link
 * LakeChanges} describes them. May be read more than once, as long as the snapshot is retained.
 */
public final class SnapshotChanges {
  private final String doing;
  private final FollowedChanges changes;
  private final ScanResources resources;

  SnapshotChanges(String doing, FollowedChanges changes, ScanResources resources) {
    this.doing = doing;
    this.changes = changes;
    this.resources = resources;
  }

  /** Returns the last snapshot that the changes are of. */
  public long snapshotId() {
    return changes.snapshotId();
  }

  public Instant committedAt() {
    return changes.committedAt();
  }

  /** Returns where to go on after these changes: keep it once they are worked on. */
  public String token() {
    return changes.token().toString();
  }

  /** Returns the columns of the changes, in the schema that was current when they were found. */
  public Schema schema() {
    return Guard.call(doing, changes::schema);
  }

  /** Opens a cursor over the changes. The caller closes it. */
  public ScanCursor open() {
    return Guard.call(
        doing, () -> new ScanCursor(doing, changes.schema(), changes.read(resources.allocator())));
  }

  /** Opens the changes as Arrow batches, as {@link LakeChanges#openArrow} does. */
  public ArrowReader openArrow(BufferAllocator allocator) {
    return Guard.call(doing, () -> changes.readArrow(allocator));
  }

  /** Reads the changes into memory. */
  public List<Record> toList() {
    try (ScanCursor cursor = open()) {
      List<Record> all = new ArrayList<>();
      cursor.forEach(all::add);
      return all;
    }
  }
}
