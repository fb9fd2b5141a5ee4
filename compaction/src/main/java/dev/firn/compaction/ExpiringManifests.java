package dev.firn.compaction;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.iceberg.DataOperations;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotSummary;
import org.apache.iceberg.Table;

/**
 * The manifests that go with some snapshots, found without reading the lists of all that stay.
 * Immutable.
 *
 * <p>How it works: a manifest is made by one snapshot and handed on from parent to child until one
 * leaves it out; it never comes back. So a snapshot whose parent stays too has no manifest but its
 * own, its parent's, and those made in between: where the snapshots that stay form trees, it is
 * enough to read the list of each tree's root, and for a younger manifest to know whether its maker
 * stays.
 *
 * <p>And where the children of a snapshot, down to one that stays, took no file out of the table,
 * all its files are still there: what it lists need not be read.
 *
 * @param gone manifests that no retained snapshot has, by path
 * @param unsettled those of {@code gone} that may name files which no retained snapshot has
 */
record ExpiringManifests(Map<String, ManifestFile> gone, Map<String, ManifestFile> unsettled) {

  static ExpiringManifests between(Table table, List<Snapshot> expired, List<Snapshot> retained) {
    Map<Long, Map<String, ManifestFile>> lists = new HashMap<>();
    Map<String, ManifestFile> gone = new LinkedHashMap<>();
    for (Snapshot snapshot : expired) {
      Map<String, ManifestFile> list = ExpiredFiles.manifestsOf(table, List.of(snapshot));
      lists.put(snapshot.snapshotId(), list);
      gone.putAll(list);
    }
    Makers makers = Makers.of(retained);
    gone.values().removeIf(makers::include);
    dropThoseOfRoots(table, gone, retained);
    Map<String, ManifestFile> unsettled = new LinkedHashMap<>(gone);
    for (long id : settled(expired, retained)) {
      lists.getOrDefault(id, Map.of()).keySet().forEach(unsettled::remove);
    }
    return new ExpiringManifests(gone, unsettled);
  }

  /** The retained snapshots' sequence numbers, by id. */
  private record Makers(Map<Long, Long> sequences) {
    static Makers of(List<Snapshot> retained) {
      Map<Long, Long> sequences = new HashMap<>();
      retained.forEach(snapshot -> sequences.put(snapshot.snapshotId(), snapshot.sequenceNumber()));
      return new Makers(sequences);
    }

    /** Whether the manifest's maker is one of them. */
    boolean include(ManifestFile manifest) {
      Long sequence = sequences.get(manifest.snapshotId());
      return sequence != null && sequence > 0 && sequence == manifest.sequenceNumber();
    }
  }

  private static void dropThoseOfRoots(
      Table table, Map<String, ManifestFile> gone, List<Snapshot> retained) {
    for (Snapshot root : roots(retained)) {
      long oldest =
          gone.values().stream()
              .mapToLong(ManifestFile::sequenceNumber)
              .min()
              .orElse(Long.MAX_VALUE);
      if (root.sequenceNumber() >= oldest) {
        gone.keySet().removeAll(ExpiredFiles.manifestsOf(table, List.of(root)).keySet());
      }
    }
  }

  /** Newest first. A snapshot of a v1 table, which has no sequence number, is a root of its own. */
  private static List<Snapshot> roots(List<Snapshot> retained) {
    Map<Long, Snapshot> byId = new HashMap<>();
    retained.forEach(snapshot -> byId.put(snapshot.snapshotId(), snapshot));
    List<Snapshot> roots = new ArrayList<>();
    for (Snapshot snapshot : retained) {
      Snapshot parent = snapshot.parentId() == null ? null : byId.get(snapshot.parentId());
      if (parent == null || parent.sequenceNumber() >= snapshot.sequenceNumber()) {
        roots.add(snapshot);
      }
    }
    roots.sort(Comparator.comparingLong(Snapshot::sequenceNumber).reversed());
    return roots;
  }

  /** Returns the ids of expired snapshots all of whose files some retained descendant has. */
  private static Set<Long> settled(List<Snapshot> expired, List<Snapshot> retained) {
    Set<Long> settled = new HashSet<>();
    retained.forEach(snapshot -> settled.add(snapshot.snapshotId()));
    List<Snapshot> newestFirst = new ArrayList<>(expired);
    newestFirst.addAll(retained);
    newestFirst.sort(Comparator.comparingLong(Snapshot::sequenceNumber).reversed());
    for (Snapshot snapshot : newestFirst) {
      Long parent = snapshot.parentId();
      if (parent != null && settled.contains(snapshot.snapshotId()) && keepsFiles(snapshot)) {
        settled.add(parent);
      }
    }
    return settled;
  }

  /** Whether the snapshot surely has every file of its parent. */
  private static boolean keepsFiles(Snapshot snapshot) {
    Map<String, String> summary = snapshot.summary();
    if (summary == null
        || summary.containsKey(SnapshotSummary.DELETED_FILES_PROP)
        || summary.containsKey(SnapshotSummary.REMOVED_DELETE_FILES_PROP)) {
      return false;
    }
    return DataOperations.APPEND.equals(snapshot.operation())
        || summary.containsKey(SnapshotSummary.ADDED_DELETE_FILES_PROP)
        || summary.containsKey(SnapshotSummary.PROCESSED_MANIFEST_ENTRY_COUNT);
  }
}
