package dev.firn.compaction.erase;

import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotRef;
import org.apache.iceberg.Table;

/**
 * What of a table's retained snapshots holds the rows that are to go. Immutable.
 *
 * @param dataFiles data files, with how many such rows are in each
 * @param deleteFiles delete files that may hold their values, by location
 * @param manifests those that name such a file, or still tell a bound of one that is gone
 * @param snapshots those that have such a manifest
 */
record Findings(
    Map<String, Long> dataFiles,
    Map<String, DeleteFile> deleteFiles,
    Set<String> manifests,
    List<Long> snapshots) {

  /** Whether this is the location of a file that has to go. */
  boolean condemns(String location) {
    return dataFiles.containsKey(location) || deleteFiles.containsKey(location);
  }

  /** Returns the tags of snapshots that have to go, sorted. */
  List<String> tags(Table table) {
    Set<Long> going = new HashSet<>(snapshots);
    return table.refs().entrySet().stream()
        .filter(ref -> ref.getValue().isTag() && going.contains(ref.getValue().snapshotId()))
        .map(Map.Entry::getKey)
        .sorted()
        .toList();
  }

  /** Returns the branches whose head is among the snapshots. */
  List<String> branches(Table table) {
    return Reach.branches(table).stream()
        .filter(
            branch ->
                snapshots.contains(Objects.requireNonNull(table.refs().get(branch)).snapshotId()))
        .toList();
  }

  /** Returns the snapshots that have to go and are still there, but for heads of branches. */
  Collection<Long> expirable(Table table) {
    Set<Long> going = new HashSet<>(snapshots);
    table.refs().values().stream()
        .filter(SnapshotRef::isBranch)
        .forEach(ref -> going.remove(ref.snapshotId()));
    Set<Long> present = new HashSet<>();
    for (Snapshot snapshot : table.snapshots()) {
      present.add(snapshot.snapshotId());
    }
    going.retainAll(present);
    return going;
  }
}
