package dev.firn.catalog.commit;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.apache.iceberg.ContentFile;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataOperations;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileContent;
import org.apache.iceberg.IsolationLevel;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotChanges;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.Table;
import org.apache.iceberg.util.ContentFileUtil;
import org.apache.iceberg.util.StructLikeWrapper;
import org.jspecify.annotations.Nullable;

/**
 * What was committed to a branch since a change looked at it, as far as it concerns the change.
 * Confined to one thread.
 *
 * <p>How it works: of each snapshot since, the manifests that it wrote itself are read, as
 * Iceberg's own checks do. What surely conflicts, by files alone, is thrown; the marks that others
 * set are kept, to be compared with the change's own row by row.
 */
final class Since {
  private final Table table;
  private final RowChange change;
  private final ReadMatcher read;
  private final Set<String> needed = new HashSet<>();
  private final Map<String, DeleteFile> vectors = new HashMap<>();
  private final Map<String, DeleteFile> positions = new HashMap<>();
  private final Set<String> removedDeletes = new HashSet<>();
  private final Set<String> contested = new HashSet<>();

  private Since(Table table, RowChange change) {
    this.table = table;
    this.change = change;
    this.read = new ReadMatcher(change.read(), table.schema(), table.specs());
    needed.addAll(change.referenced());
    change.removed().forEach(file -> needed.add(file.location()));
  }

  /**
   * Looks at {@code snapshots}, oldest first.
   *
   * @throws FirnException CONFLICT where a file that the change needs is gone, where equality
   *     deletes came where it read, or, under serializable isolation, rows
   */
  static Since of(Table table, RowChange change, List<Snapshot> snapshots) {
    Since since = new Since(table, change);
    snapshots.forEach(since::look);
    return since;
  }

  private void look(Snapshot snapshot) {
    SnapshotChanges changes = SnapshotChanges.builderFor(table).snapshot(snapshot).build();
    boolean replaces = DataOperations.REPLACE.equals(snapshot.operation());
    boolean appends = DataOperations.APPEND.equals(snapshot.operation());
    if (!appends) {
      changes.removedDataFiles().forEach(file -> requireUnneeded(file, snapshot));
    }
    if (!replaces && change.isolation() == IsolationLevel.SERIALIZABLE) {
      changes.addedDataFiles().forEach(file -> requireUnread(file, snapshot));
    }
    boolean addsRows = !appends && !replaces && changes.addedDataFiles().iterator().hasNext();
    changes.removedDeleteFiles().forEach(file -> removedDeletes.add(Footprint.key(file)));
    for (DeleteFile file : changes.addedDeleteFiles()) {
      if (file.content() == FileContent.EQUALITY_DELETES) {
        requireUnread(file, snapshot, replaces);
      } else {
        // What replaces others' deletes holds theirs.
        keep(file, addsRows || (replaces && !contested.isEmpty()));
      }
    }
  }

  private void requireUnneeded(DataFile file, Snapshot snapshot) {
    if (needed.contains(file.location())) {
      throw conflict(
          "a file that it changes rows of was removed by snapshot " + snapshot.snapshotId(),
          file.location());
    }
  }

  private void requireUnread(DataFile file, Snapshot snapshot) {
    if (read.matchesRows(file)) {
      throw conflict(
          "rows came where it read (%s), by snapshot %d"
              .formatted(change.read(), snapshot.snapshotId()),
          file.location());
    }
  }

  private void requireUnread(DeleteFile file, Snapshot snapshot, boolean replaces) {
    if (!replaces && read.matchesPartition(file)) {
      throw conflict(
          "equality deletes came where it read (%s), by snapshot %d"
              .formatted(change.read(), snapshot.snapshotId()),
          file.location());
    }
  }

  private void keep(DeleteFile file, boolean addsRows) {
    if (ContentFileUtil.isDV(file)) {
      vectors.put(file.referencedDataFile(), file);
    } else {
      positions.put(Footprint.key(file), file);
    }
    if (addsRows) {
      String only = ContentFileUtil.referencedDataFileLocation(file);
      contested.add(only == null ? Footprint.key(file) : only);
    }
  }

  /** Returns the newest vector of a data file that was written since; null for none. */
  @Nullable DeleteFile vector(String dataFile) {
    return vectors.get(dataFile);
  }

  /** Whether a delete file was taken out of the table since. */
  boolean isRemoved(DeleteFile file) {
    return removedDeletes.contains(Footprint.key(file));
  }

  /** Returns the position delete files since that may name rows of a file, and are still there. */
  List<DeleteFile> positions(String dataFile, int specId, StructLike partition) {
    return positions.values().stream()
        .filter(file -> !isRemoved(file) && applies(file, dataFile, specId, partition))
        .toList();
  }

  private boolean applies(DeleteFile file, String dataFile, int specId, StructLike partition) {
    String only = ContentFileUtil.referencedDataFileLocation(file);
    return only == null
        ? file.specId() == specId && isSame(specId, file.partition(), partition)
        : only.equals(dataFile);
  }

  private boolean isSame(int specId, StructLike one, StructLike other) {
    StructLikeWrapper wrapper =
        StructLikeWrapper.forType(
            Objects.requireNonNull(table.specs().get(specId)).partitionType());
    return wrapper.copyFor(one).equals(wrapper.copyFor(other));
  }

  /**
   * Whether a row of the data file that the change marks, and others marked too, is a conflict:
   * both would put a row in its place, or one of them would miss the other's.
   *
   * <p>A change that only deletes does not mind, where it may rely on having been told of rows that
   * came where it read.
   */
  boolean mustBeApart(String dataFile, Collection<DeleteFile> theirs) {
    return !change.added().isEmpty()
        || (change.isolation() == IsolationLevel.SNAPSHOT
            && (contested.contains(dataFile)
                || theirs.stream().map(Footprint::key).anyMatch(contested::contains)));
  }

  /** Returns the position delete files since that may name rows that {@code mine} names. */
  List<DeleteFile> besides(ContentFile<?> mine, String dataFile) {
    List<DeleteFile> found = new ArrayList<>(positions(dataFile, mine.specId(), mine.partition()));
    DeleteFile vector = vectors.get(dataFile);
    if (vector != null) {
      found.add(vector);
    }
    return found;
  }

  FirnException conflict(String reason, String file) {
    return new FirnException(
        ErrorKind.CONFLICT,
        "Cannot commit to %s: Found conflicting changes since snapshot %d, which it was made of: %s; nothing was applied, read the table again and do it again [%s]"
            .formatted(table.name(), change.base(), reason, file));
  }
}
