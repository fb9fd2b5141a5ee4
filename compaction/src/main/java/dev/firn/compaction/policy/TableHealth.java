package dev.firn.compaction.policy;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * What a table's metadata says of the state that it is in. Reads nothing by itself.
 *
 * @param name the table's, as people know it
 * @param snapshotId the head of main; empty where the table has none
 * @param targetBytes the size that its files should have
 * @param partitions those that have live files
 * @param manifests how many manifests the head has
 * @param smallManifests how many of them are below half of their target size
 * @param snapshots how many are retained
 * @param expired how many of them the graded retention does not keep now; 0 where there is none
 * @param mostSnapshots how many the retention keeps at most; 0 where there is none
 * @param commitsPerMinute how often others than maintenance have committed in the last minutes
 * @param changedSinceStatistics which part of the rows came or went since distinct values were last
 *     counted, from 0 to 1; empty where no retained ancestor of the head has such statistics
 * @param oldestRow from when the oldest row may be by the column of the table's retention, and the
 *     distant past where files do not tell; empty without a retention, and without rows
 * @param sorted whether the table has a sort order
 * @param properties the table's
 */
public record TableHealth(
    String name,
    OptionalLong snapshotId,
    int formatVersion,
    long targetBytes,
    List<PartitionHealth> partitions,
    int manifests,
    int smallManifests,
    int snapshots,
    int expired,
    int mostSnapshots,
    double commitsPerMinute,
    OptionalDouble changedSinceStatistics,
    Optional<Instant> oldestRow,
    boolean sorted,
    Map<String, String> properties) {
  public TableHealth {
    partitions = List.copyOf(partitions);
    properties = Map.copyOf(properties);
  }

  /** Returns the number of data files. */
  public long files() {
    return partitions.stream().mapToLong(PartitionHealth::files).sum();
  }

  /** Returns the number of small data files. */
  public long smallFiles() {
    return partitions.stream().mapToLong(PartitionHealth::smallFiles).sum();
  }

  /** Returns the number of delete files, deletion vectors included. */
  public long deleteFiles() {
    return partitions.stream().mapToLong(PartitionHealth::deleteFiles).sum();
  }

  /** Returns the number of equality delete files. */
  public long equalityDeletes() {
    return partitions.stream().mapToLong(PartitionHealth::equalityDeletes).sum();
  }

  /** Returns the number of position delete files, deletion vectors left out. */
  public long positionDeletes() {
    return partitions.stream().mapToLong(PartitionHealth::positionDeletes).sum();
  }

  /** Returns in how many partitions a delete file deletes nothing any more. */
  public long danglingPartitions() {
    return partitions.stream().filter(PartitionHealth::danglingDeletes).count();
  }

  /** Returns the number of rows, deleted ones included. */
  public long rows() {
    return partitions.stream().mapToLong(PartitionHealth::rows).sum();
  }

  /** Returns the bytes of the data files. */
  public long bytes() {
    return partitions.stream().mapToLong(PartitionHealth::bytes).sum();
  }
}
