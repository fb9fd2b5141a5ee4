package dev.firn.compaction;

import dev.firn.error.FirnException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
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
 * stays as long as one of its vectors is live. Reads the manifest lists of all snapshots, the
 * manifests that only expired ones have, and, where those name files at all, the retained ones.
 */
record ExpiredFiles(
    List<Snapshot> snapshots,
    Set<String> dataFiles,
    Set<String> deleteFiles,
    Set<String> manifests,
    Set<String> manifestLists,
    Set<String> otherFiles) {
  private static final Logger LOG = LoggerFactory.getLogger(ExpiredFiles.class);

  static ExpiredFiles between(Table table, List<Snapshot> expired, List<Snapshot> retained) {
    List<Snapshot> oldestFirst =
        expired.stream().sorted(Comparator.comparingLong(Snapshot::sequenceNumber)).toList();
    if (expired.isEmpty()) {
      return new ExpiredFiles(oldestFirst, Set.of(), Set.of(), Set.of(), Set.of(), Set.of());
    }
    Map<String, ManifestFile> candidates = manifestsOf(table, expired);
    Map<String, ManifestFile> live = manifestsOf(table, retained);
    candidates.keySet().removeAll(live.keySet());
    Set<String> dataFiles = new HashSet<>();
    Set<String> deleteFiles = new HashSet<>();
    for (ManifestFile manifest : candidates.values()) {
      paths(
          table,
          manifest,
          manifest.content() == ManifestContent.DATA ? dataFiles::add : deleteFiles::add);
    }
    for (ManifestFile manifest : live.values()) {
      Set<String> still = manifest.content() == ManifestContent.DATA ? dataFiles : deleteFiles;
      if (!still.isEmpty()) {
        paths(table, manifest, still::remove);
      }
    }
    Set<String> lists = new HashSet<>();
    expired.stream()
        .map(Snapshot::manifestListLocation)
        .filter(location -> location != null)
        .forEach(lists::add);
    return new ExpiredFiles(
        oldestFirst,
        dataFiles,
        deleteFiles,
        Set.copyOf(candidates.keySet()),
        lists,
        statistics(table, expired));
  }

  /** Once a snapshot is gone, the table no longer knows its statistics files. */
  ExpiredFiles withOtherFiles(Set<String> others) {
    return new ExpiredFiles(snapshots, dataFiles, deleteFiles, manifests, manifestLists, others);
  }

  private static Map<String, ManifestFile> manifestsOf(Table table, List<Snapshot> snapshots) {
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
  static void delete(FileIO io, Iterable<String> files) {
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
