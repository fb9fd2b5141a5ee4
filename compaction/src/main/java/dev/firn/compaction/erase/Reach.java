package dev.firn.compaction.erase;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotRef;
import org.apache.iceberg.Table;

/**
 * The manifests of every retained snapshot, whatever refers to it. Immutable.
 *
 * @param manifests by location
 * @param lists the locations of the manifest lists
 * @param bySnapshot the locations of each snapshot's manifests
 */
record Reach(
    Map<String, ManifestFile> manifests, Set<String> lists, Map<Long, Set<String>> bySnapshot) {

  static Reach of(Table table) {
    Map<String, ManifestFile> manifests = new LinkedHashMap<>();
    Set<String> lists = new HashSet<>();
    Map<Long, Set<String>> bySnapshot = new LinkedHashMap<>();
    for (Snapshot snapshot : table.snapshots()) {
      Set<String> own = bySnapshot.computeIfAbsent(snapshot.snapshotId(), id -> new HashSet<>());
      if (snapshot.manifestListLocation() != null) {
        lists.add(snapshot.manifestListLocation());
      }
      for (ManifestFile manifest : snapshot.allManifests(table.io())) {
        manifests.putIfAbsent(manifest.path(), manifest);
        own.add(manifest.path());
      }
    }
    return new Reach(manifests, lists, bySnapshot);
  }

  /** Returns the snapshots that have one of these manifests. */
  List<Long> snapshotsWith(Collection<String> some) {
    Set<String> wanted = Set.copyOf(some);
    List<Long> found = new ArrayList<>();
    bySnapshot.forEach(
        (id, own) -> {
          if (own.stream().anyMatch(wanted::contains)) {
            found.add(id);
          }
        });
    return found;
  }

  /** Returns the names of the branches that have a snapshot, main first. */
  static List<String> branches(Table table) {
    List<String> branches = new ArrayList<>();
    table.refs().entrySet().stream()
        .filter(ref -> ref.getValue().isBranch())
        .map(Map.Entry::getKey)
        .sorted()
        .forEach(
            name -> branches.add(name.equals(SnapshotRef.MAIN_BRANCH) ? 0 : branches.size(), name));
    return branches;
  }
}
