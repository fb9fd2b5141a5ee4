package dev.firn.compaction;

import dev.firn.error.FirnException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.ManifestContent;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.ManifestFiles;
import org.apache.iceberg.PartitionStatisticsFile;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.StatisticsFile;
import org.apache.iceberg.Table;
import org.apache.iceberg.exceptions.NotFoundException;
import org.apache.iceberg.io.BulkDeletionFailureException;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.SupportsBulkOperations;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The files that some snapshots refer to and no other snapshot does: by location, so a Puffin file
 * stays as long as one of its vectors is live.
 */
public record ExpiredFiles(
    List<Snapshot> snapshots,
    Set<String> dataFiles,
    Set<String> deleteFiles,
    Set<String> manifests,
    Set<String> manifestLists,
    Set<String> otherFiles) {
  private static final Logger LOG = LoggerFactory.getLogger(ExpiredFiles.class);

  /** Reads the manifest lists of all snapshots, whatever their history. */
  public static ExpiredFiles between(Table table, List<Snapshot> expired, List<Snapshot> retained) {
    if (expired.isEmpty()) {
      return none();
    }
    Map<String, ManifestFile> candidates = manifestsOf(table, expired);
    candidates.keySet().removeAll(manifestsOf(table, retained).keySet());
    return of(table, expired, candidates, unreachable(table, candidates.values(), retained));
  }

  /**
   * As {@link #between}, at a cost that goes with the number of expired snapshots and with what
   * happened between them and their neighbours, not with the size or age of the table: see {@link
   * ExpiringManifests}.
   */
  static ExpiredFiles lately(Table table, List<Snapshot> expired, List<Snapshot> retained) {
    if (expired.isEmpty()) {
      return none();
    }
    ExpiringManifests manifests = ExpiringManifests.between(table, expired, retained);
    return of(
        table,
        expired,
        manifests.gone(),
        unreachable(table, manifests.unsettled().values(), nearestFirst(table, expired, retained)));
  }

  private static ExpiredFiles none() {
    return new ExpiredFiles(List.of(), Set.of(), Set.of(), Set.of(), Set.of(), Set.of());
  }

  private static ExpiredFiles of(
      Table table,
      List<Snapshot> expired,
      Map<String, ManifestFile> manifests,
      Map<ManifestContent, Set<String>> files) {
    Set<String> lists = new HashSet<>();
    expired.stream()
        .map(Snapshot::manifestListLocation)
        .filter(location -> location != null)
        .forEach(lists::add);
    return new ExpiredFiles(
        expired.stream().sorted(Comparator.comparingLong(Snapshot::sequenceNumber)).toList(),
        files.getOrDefault(ManifestContent.DATA, Set.of()),
        files.getOrDefault(ManifestContent.DELETES, Set.of()),
        Set.copyOf(manifests.keySet()),
        lists,
        statistics(table, expired));
  }

  /**
   * Returns the live files of {@code manifests} that none of the snapshots has, in whatever
   * manifest. Reads lists and manifests in the order of the snapshots, until every file is found.
   */
  private static Map<ManifestContent, Set<String>> unreachable(
      Table table, Collection<ManifestFile> manifests, List<Snapshot> retained) {
    Map<ManifestContent, Set<String>> files = new EnumMap<>(ManifestContent.class);
    for (ManifestFile manifest : manifests) {
      Set<String> found = files.computeIfAbsent(manifest.content(), content -> new HashSet<>());
      paths(table, manifest, found::add);
    }
    Set<String> read = new HashSet<>();
    for (Snapshot snapshot : retained) {
      if (files.values().stream().allMatch(Set::isEmpty)) {
        break;
      }
      for (ManifestFile manifest : manifestsOf(table, List.of(snapshot)).values()) {
        Set<String> left = files.getOrDefault(manifest.content(), Set.of());
        if (!left.isEmpty() && read.add(manifest.path())) {
          paths(table, manifest, left::remove);
        }
      }
    }
    return files;
  }

  /**
   * A file that left the newest snapshots is most likely in one of those just before or after the
   * expired ones.
   */
  private static List<Snapshot> nearestFirst(
      Table table, List<Snapshot> expired, List<Snapshot> retained) {
    NavigableMap<Long, Snapshot> left = new TreeMap<>();
    retained.forEach(snapshot -> left.put(snapshot.sequenceNumber(), snapshot));
    Set<Snapshot> ordered = new LinkedHashSet<>();
    if (table.currentSnapshot() != null) {
      ordered.add(table.currentSnapshot());
    }
    for (Snapshot snapshot : expired) {
      Map.Entry<Long, Snapshot> after = left.higherEntry(snapshot.sequenceNumber());
      Map.Entry<Long, Snapshot> before = left.lowerEntry(snapshot.sequenceNumber());
      if (after != null) {
        ordered.add(after.getValue());
      }
      if (before != null) {
        ordered.add(before.getValue());
      }
    }
    ordered.addAll(retained);
    return List.copyOf(ordered);
  }

  /** Returns the locations of all files, in the order in which they are removed. */
  public List<String> all() {
    return Stream.of(dataFiles, deleteFiles, manifests, manifestLists, otherFiles)
        .flatMap(Set::stream)
        .toList();
  }

  /** The same snapshots, where no file could be removed. */
  ExpiredFiles kept() {
    return new ExpiredFiles(snapshots, Set.of(), Set.of(), Set.of(), Set.of(), Set.of());
  }

  /** Once a snapshot is gone, the table no longer knows its statistics files. */
  ExpiredFiles withOtherFiles(Set<String> others) {
    return new ExpiredFiles(snapshots, dataFiles, deleteFiles, manifests, manifestLists, others);
  }

  static Map<String, ManifestFile> manifestsOf(Table table, List<Snapshot> snapshots) {
    Map<String, ManifestFile> manifests = new LinkedHashMap<>();
    for (Snapshot snapshot : snapshots) {
      try {
        snapshot.allManifests(table.io()).forEach(m -> manifests.put(m.path(), m));
      } catch (NotFoundException e) {
        throw missing(table, "manifest list", String.valueOf(snapshot.manifestListLocation()), e);
      }
    }
    return manifests;
  }

  private static void paths(Table table, ManifestFile manifest, Consumer<String> each) {
    try (CloseableIterable<String> paths = paths(table, manifest)) {
      paths.forEach(each);
    } catch (NotFoundException e) {
      throw missing(table, "manifest", manifest.path(), e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static CloseableIterable<String> paths(Table table, ManifestFile manifest) {
    return manifest.content() == ManifestContent.DATA
        ? ManifestFiles.readPaths(manifest, table.io(), table.specs())
        : CloseableIterable.transform(
            ManifestFiles.readDeleteManifest(manifest, table.io(), table.specs()),
            DeleteFile::location);
  }

  private static FirnException missing(Table table, String what, String file, Exception cause) {
    return FirnException.corrupt(
        "Cannot tell which files of "
            + table.name()
            + " are still needed: a "
            + what
            + " does not exist; nothing was removed ["
            + file
            + "]",
        cause);
  }

  private static Set<String> statistics(Table table, List<Snapshot> expired) {
    Set<Long> gone = new HashSet<>();
    expired.forEach(snapshot -> gone.add(snapshot.snapshotId()));
    Set<String> files = new HashSet<>();
    Set<String> live = new HashSet<>();
    for (StatisticsFile file : table.statisticsFiles()) {
      (gone.contains(file.snapshotId()) ? files : live).add(file.path());
    }
    for (PartitionStatisticsFile file : table.partitionStatisticsFiles()) {
      (gone.contains(file.snapshotId()) ? files : live).add(file.path());
    }
    files.removeAll(live);
    return files;
  }

  /** Removes every file. What refuses to go stays, unreachable: it is logged, not thrown. */
  void deleteWith(FileIO io) {
    for (Set<String> files :
        List.of(dataFiles, deleteFiles, manifests, manifestLists, otherFiles)) {
      delete(io, files);
    }
  }

  /** Removes files, in bulk where the store can; never throws. */
  public static void delete(FileIO io, Iterable<String> files) {
    if (io instanceof SupportsBulkOperations bulk) {
      try {
        bulk.deleteFiles(files);
      } catch (BulkDeletionFailureException e) {
        LOG.warn("{} unreachable files could not be removed", e.numberFailedObjects(), e);
      } catch (RuntimeException e) {
        LOG.warn("Unreachable files could not be removed", e);
      }
      return;
    }
    for (String file : files) {
      try {
        io.deleteFile(file);
      } catch (NotFoundException e) {
        LOG.debug("{} was removed already", file, e);
      } catch (RuntimeException e) {
        LOG.warn("The unreachable file {} could not be removed", file, e);
      }
    }
  }
}
