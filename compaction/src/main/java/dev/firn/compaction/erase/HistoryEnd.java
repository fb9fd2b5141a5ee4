package dev.firn.compaction.erase;

import dev.firn.compaction.ExpiredFiles;
import dev.firn.scan.Pruning;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.apache.iceberg.HasTableOperations;
import org.apache.iceberg.PartitionField;
import org.apache.iceberg.PartitionStatisticsFile;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.StatisticsFile;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.expressions.Binder;
import org.apache.iceberg.expressions.Expression;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends the snapshots that reach what is erased, with the tags that hold them, and removes at once
 * every file that nothing reaches then. Statistics of other snapshots that repeat values go too:
 * they can be made again. Confined to one thread.
 */
final class HistoryEnd {
  private static final Logger LOG = LoggerFactory.getLogger(HistoryEnd.class);
  private static final int ATTEMPTS = 10;
  private static final Set<String> VALUELESS =
      Set.of("apache-datasketches-theta-v1", "deletion-vector-v1");

  private final Table table;
  private final Expression where;
  private final Set<String> removed = new LinkedHashSet<>();

  HistoryEnd(Table table, Expression where) {
    this.table = table;
    this.where = where;
  }

  /** Returns the locations of the files that were removed so far. */
  Set<String> removed() {
    return removed;
  }

  /** Expires these snapshots, and drops the tags. */
  void expire(Collection<Long> snapshots, Collection<String> tags) {
    for (int attempt = 1; ; attempt++) {
      try {
        attempt(snapshots, tags);
        return;
      } catch (CommitFailedException e) {
        if (attempt == ATTEMPTS) {
          throw e;
        }
      }
    }
  }

  private void attempt(Collection<Long> snapshots, Collection<String> tags) {
    table.refresh();
    TableOperations operations = ((HasTableOperations) table).operations();
    TableMetadata base = operations.current();
    Set<Long> going = new HashSet<>(snapshots);
    // A branch or tag that came meanwhile keeps its snapshot, for the next round.
    base.refs().forEach((name, ref) -> keep(going, ref.snapshotId(), tags.contains(name)));
    List<Snapshot> expired = new ArrayList<>();
    List<Snapshot> retained = new ArrayList<>();
    base.snapshots().forEach(s -> (going.contains(s.snapshotId()) ? expired : retained).add(s));
    Set<String> files = new LinkedHashSet<>(ExpiredFiles.between(table, expired, retained).all());
    TableMetadata.Builder next = TableMetadata.buildFrom(base);
    tags.forEach(next::removeRef);
    next.removeSnapshots(expired);
    dropStatistics(base, going, next, files);
    Journal journal = Journal.create(table, files);
    try {
      operations.commit(base, next.build());
    } catch (CommitFailedException e) {
      ExpiredFiles.delete(table.io(), List.of(journal.location()));
      throw e;
    }
    LOG.info("Expired {} snapshots of {} for an erasure", expired.size(), table.name());
    finish(journal);
  }

  private static void keep(Set<Long> going, long snapshot, boolean dropped) {
    if (!dropped) {
      going.remove(snapshot);
    }
  }

  private void dropStatistics(
      TableMetadata base, Set<Long> going, TableMetadata.Builder next, Set<String> files) {
    for (StatisticsFile file : base.statisticsFiles()) {
      boolean telling =
          file.blobMetadata().stream().anyMatch(blob -> !VALUELESS.contains(blob.type()));
      if (telling && !going.contains(file.snapshotId())) {
        next.removeStatistics(file.snapshotId());
        files.add(file.path());
      }
    }
    if (!isPartitioned(base)) {
      return;
    }
    for (PartitionStatisticsFile file : base.partitionStatisticsFiles()) {
      if (!going.contains(file.snapshotId())) {
        next.removePartitionStatistics(file.snapshotId());
        files.add(file.path());
      }
    }
  }

  /** Whether a column of the filter decides on partitions. */
  private boolean isPartitioned(TableMetadata base) {
    Set<Integer> columns =
        Binder.boundReferences(
            base.schema().asStruct(), List.of(Pruning.weakened(table, where)), true);
    return base.specs().stream()
        .flatMap(spec -> spec.fields().stream())
        .map(PartitionField::sourceId)
        .anyMatch(columns::contains);
  }

  /**
   * Removes what a journal names and nothing reaches, then the journal. What refuses to go stays
   * for the proof to find, and so does the journal.
   */
  void finish(Journal journal) {
    table.refresh();
    Set<String> free = new LinkedHashSet<>(journal.files());
    new Reachable(table).removeFrom(free);
    ExpiredFiles.delete(table.io(), free);
    boolean gone = true;
    for (String file : free) {
      if (table.io().newInputFile(file).exists()) {
        gone = false;
      } else {
        removed.add(file);
      }
    }
    if (gone) {
      ExpiredFiles.delete(table.io(), List.of(journal.location()));
    }
  }

  /** Removes files that nothing reaches and no writer can commit. */
  void remove(Collection<String> files) {
    Set<String> free = new LinkedHashSet<>(files);
    table.refresh();
    new Reachable(table).removeFrom(free);
    ExpiredFiles.delete(table.io(), free);
    removed.addAll(free);
  }
}
