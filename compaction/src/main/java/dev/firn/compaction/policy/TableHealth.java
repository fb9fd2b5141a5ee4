package dev.firn.compaction.policy;

import java.util.List;
import java.util.Map;
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
 * @param hasStatistics whether there is a file of statistics of the table
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
    boolean hasStatistics,
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

  /** Returns the number of rows, deleted ones included. */
  public long rows() {
    return partitions.stream().mapToLong(PartitionHealth::rows).sum();
  }

  /** Returns the bytes of the data files. */
  public long bytes() {
    return partitions.stream().mapToLong(PartitionHealth::bytes).sum();
  }
}
