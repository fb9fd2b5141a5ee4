package dev.firn.catalog.commit;

import dev.firn.storage.DirectExecutor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import org.apache.iceberg.AppendFiles;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.IsolationLevel;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotSummary;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.util.SnapshotUtil;
import org.jspecify.annotations.Nullable;

/**
 * Consecutive row changes that become one snapshot. Confined to one thread; owns the data manifests
 * that it writes until a swap makes them part of the table: they are kept from one attempt to the
 * next, because what they list does not depend on what the table is by then.
 *
 * <p>Which requests share a snapshot: appends to one branch; and with them changes that read the
 * table, where they read the branch's newest snapshot, and {@link Footprint} says that they are
 * apart. Their summary entries must not contradict each other: two values for one key begin another
 * snapshot, so that no entry is ever lost.
 */
final class RowStep {
  private static final int MOST_FILES = 10_000;

  private final List<CommitRequest> requests = new ArrayList<>();
  private final Map<String, String> summary = new HashMap<>();
  private List<ManifestFile> manifests = List.of();
  private @Nullable StagingFiles ours;
  private List<String> leftOut = List.of();
  private final Footprint footprint = new Footprint();
  private int manifestFormat;
  private int files;
  private int deltas;
  private @Nullable Long base;

  RowStep(CommitRequest first) {
    add(first);
  }

  /** As {@link #plan(List, TableMetadata)}, where only appends share snapshots. */
  static List<RowStep> plan(List<CommitRequest> requests) {
    return plan(requests, null);
  }

  /** Returns the snapshots that requests become, in order, on {@code base}. */
  static List<RowStep> plan(List<CommitRequest> requests, @Nullable TableMetadata base) {
    List<RowStep> steps = new ArrayList<>();
    for (CommitRequest request : requests) {
      if (steps.isEmpty() || !steps.get(steps.size() - 1).join(request, base)) {
        steps.add(new RowStep(request));
      }
    }
    return steps;
  }

  /** Takes the request in, if it can share the snapshot. */
  boolean join(CommitRequest request, @Nullable TableMetadata metadata) {
    RowChange first = requests.get(0).change();
    RowChange change = request.change();
    boolean joins =
        manifests.isEmpty()
            && first.branch().equals(change.branch())
            && files + change.added().size() <= MOST_FILES
            && agrees(change.summary())
            && !Footprint.isAlone(first)
            && (isAppend(change)
                ? deltas == 0 || isHead(base, metadata)
                : admits(change, metadata));
    if (joins) {
      add(request);
    }
    return joins;
  }

  private boolean admits(RowChange delta, @Nullable TableMetadata metadata) {
    return metadata != null
        && isHead(delta.base(), metadata)
        && (deltas == 0 || Objects.equals(delta.base(), base))
        && !Footprint.isAlone(delta)
        && footprint.admits(delta, metadata);
  }

  private boolean isHead(@Nullable Long snapshot, @Nullable TableMetadata metadata) {
    if (snapshot == null || metadata == null) {
      return false;
    }
    Snapshot head = SnapshotUtil.latestSnapshot(metadata, requests.get(0).change().branch());
    return head != null && snapshot == head.snapshotId();
  }

  /**
   * Whether what the requests were merged for still holds: those that read the table read what is
   * its newest snapshot now.
   */
  boolean isMergeable(Staging staging) {
    return requests.size() == 1 || deltas == 0 || isHead(base, staging.metadata());
  }

  List<CommitRequest> requests() {
    return requests;
  }

  private void add(CommitRequest request) {
    requests.add(request);
    summary.putAll(request.change().summary());
    files += request.change().added().size();
    footprint.add(request.change());
    if (!isAppend(request.change())) {
      deltas++;
      base = request.change().base();
    }
  }

  private boolean agrees(Map<String, String> other) {
    return other.entrySet().stream()
        .allMatch(e -> summary.getOrDefault(e.getKey(), e.getValue()).equals(e.getValue()));
  }

  /** What looked for rows in a table without a snapshot is none: rows may have come since. */
  static boolean isAppend(RowChange change) {
    return change.base() == null
        && change.read().op() == Expression.Operation.FALSE
        && change.removed().isEmpty()
        && change.deletes().isEmpty()
        && change.superseded().isEmpty();
  }

  /**
   * Makes the snapshot, all of it or nothing. Throws what Iceberg and the stores throw, and nothing
   * is staged then.
   */
  Snapshot stage(Staging staging) {
    RowChange first = requests.get(0).change();
    leftOut = List.of();
    staging.atomically(
        () -> {
          if (requests.stream().anyMatch(request -> request.evolveTo() != null)) {
            staging.step(this::evolve);
          }
          stageRows(staging, first);
        });
    Snapshot made = staging.latest(first.branch());
    if (made == null) {
      throw new IllegalStateException("Cannot find the snapshot just staged on " + first.branch());
    }
    return made;
  }

  /** Removes the manifests. They surely are in no table, and will be in none. */
  void discard() {
    if (ours != null) {
      ours.remove(ours.created());
    }
    ours = null;
    manifests = List.of();
    manifestFormat = 0;
  }

  private void stageRows(Staging staging, RowChange first) {
    if (deltas > 0 && requests.size() == 1) {
      staging.unmergedStep(table -> rebase(table, first, staging.store()));
    } else if (deltas > 0) {
      RowChange together = together();
      staging.unmergedStep(
          table -> TableCommitter.rowDelta(table, table.newRowDelta(), together).commit());
    } else if (inheritsSnapshotIds(staging.metadata())) {
      append(staging, first.branch());
    } else {
      staging.step(table -> plainAppend(table, first.branch()));
    }
  }

  private void rebase(Table table, RowChange change, TableStore store) {
    List<UUID> intents = requests.get(0).intents();
    Rebase.Rebased rebased =
        Rebase.onto(table, change, files -> store.announce(intents, table, files));
    TableCommitter.rowDelta(table, table.newRowDelta(), rebased.change()).commit();
    leftOut = rebased.leftOut();
  }

  /**
   * Returns the files of the changes that are no part of what was staged last: others' deletes have
   * been united with theirs. They are to be removed once that is applied.
   */
  List<String> leftOut() {
    return leftOut;
  }

  /** Nothing has come since the base, and so nothing is left to check but that files are there. */
  private RowChange together() {
    return new RowChange(
        requests.get(0).change().branch(),
        all(RowChange::added),
        all(RowChange::removed),
        all(RowChange::deletes),
        all(RowChange::superseded),
        all(RowChange::referenced),
        base,
        Expressions.alwaysTrue(),
        IsolationLevel.SERIALIZABLE,
        summary);
  }

  private <T> List<T> all(Function<RowChange, List<T>> part) {
    return requests.stream().flatMap(request -> part.apply(request.change()).stream()).toList();
  }

  private void evolve(Table table) {
    Set<Schema> done = new HashSet<>();
    for (CommitRequest request : requests) {
      Schema schema = request.evolveTo();
      if (schema != null && done.add(schema)) {
        SchemaGrowth.commit(table.name(), table.updateSchema(), schema);
      }
    }
  }

  /**
   * Appends by a manifest of our own. Iceberg's append hands its files to a static pool, and then
   * waits for it in sleeps of ten milliseconds.
   */
  private void append(Staging staging, String branch) {
    TableMetadata metadata = staging.metadata();
    List<DataFile> added = added();
    if (manifestFormat != metadata.formatVersion()) {
      discard();
      ours = new StagingFiles(staging.store());
      manifests = DataManifests.write(metadata, ours, added);
      manifestFormat = metadata.formatVersion();
    }
    staging.step(
        table -> {
          AppendFiles append = table.newFastAppend().toBranch(branch);
          manifests.forEach(append::appendManifest);
          summary.forEach(append::set);
          counts(metadata, added).forEach(append::set);
          append.scanManifestsWith(DirectExecutor.INSTANCE).commit();
        });
  }

  private void plainAppend(Table table, String branch) {
    AppendFiles append = table.newFastAppend().toBranch(branch);
    added().forEach(append::appendFile);
    summary.forEach(append::set);
    append.scanManifestsWith(DirectExecutor.INSTANCE).commit();
  }

  private List<DataFile> added() {
    return all(RowChange::added);
  }

  /** What Iceberg counts file by file, and does not trust a manifest's entry to tell. */
  private static Map<String, String> counts(TableMetadata metadata, List<DataFile> added) {
    if (added.isEmpty()) {
      return Map.of();
    }
    long bytes = 0;
    Set<String> partitions = new HashSet<>();
    for (DataFile file : added) {
      bytes += file.fileSizeInBytes();
      PartitionSpec spec = metadata.spec(file.specId());
      partitions.add(spec.partitionToPath(file.partition()));
    }
    Map<String, String> counts = new HashMap<>();
    counts.put(SnapshotSummary.CHANGED_PARTITION_COUNT_PROP, Integer.toString(partitions.size()));
    if (bytes > 0) {
      counts.put(SnapshotSummary.ADDED_FILE_SIZE_PROP, Long.toString(bytes));
    }
    return counts;
  }

  /** A manifest written before its snapshot has an id can only be appended where readers add it. */
  private static boolean inheritsSnapshotIds(TableMetadata metadata) {
    boolean inherits =
        metadata.formatVersion() > 1
            || metadata.propertyAsBoolean(
                TableProperties.SNAPSHOT_ID_INHERITANCE_ENABLED,
                TableProperties.SNAPSHOT_ID_INHERITANCE_ENABLED_DEFAULT);
    // Summaries by partition need the files themselves.
    return inherits
        && metadata.propertyAsInt(
                TableProperties.WRITE_PARTITION_SUMMARY_LIMIT,
                TableProperties.WRITE_PARTITION_SUMMARY_LIMIT_DEFAULT)
            == 0;
  }
}
