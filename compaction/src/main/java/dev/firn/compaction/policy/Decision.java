package dev.firn.compaction.policy;

import dev.firn.compaction.maintain.Retention;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.util.PropertyUtil;

/**
 * One decision on what is due. Confined to one thread.
 *
 * <p>How it works: recent partitions are merged in tiers, as in a log-structured tree. Where as
 * many small files as the policy says lie in one tier or below, they become files of as many bytes
 * as they have together, which are then of a higher tier; so each row is rewritten once for each
 * tier, however fast commits come and however small they are. A partition that has been left alone
 * for long is merged once more, to full size.
 */
final class Decision {
  /** From that share of deleted rows on, a compaction rewrites a file for them. */
  private static final double MUCH_DELETED = 0.3;

  /** Upkeep after commits merges them from 32 on. Where it does, so many are never seen. */
  private static final int MANY_MANIFESTS = 64;

  /** More partitions than that in one run make a long filter and a long commit. */
  private static final int MOST_PARTITIONS = 64;

  /** A compaction of a stream leaves some each time; they cost little. */
  private static final Duration DANGLING_INTERVAL = Duration.ofHours(1);

  /** Fewer small files than that are no reason to merge before they have waited. */
  private static final int LAG_SHARE = 4;

  private static final DueWork.Scope EVERYTHING =
      new DueWork.Scope(Expressions.alwaysTrue(), List.of(), 1, 2, 0);

  private final TableHealth health;
  private final MaintenancePolicy policy;
  private final WorkHistory history;
  private final Instant now;
  private final List<DueWork> due = new ArrayList<>();

  Decision(TableHealth health, MaintenancePolicy policy, WorkHistory history, Instant now) {
    this.health = health;
    this.policy = policy;
    this.history = history;
    this.now = now;
  }

  List<DueWork> due() {
    if (!policy.enabled()) {
      return List.of();
    }
    if (health.snapshotId().isPresent()) {
      dropOldRows();
      deleteFiles();
      if (policy.compaction()) {
        compactRecent();
        compactCold();
        compactDeletes();
      }
      expire();
      mergeManifests();
      computeStatistics();
    }
    sweep();
    due.removeIf(work -> now.isBefore(history.readyAt(work.kind(), policy.share())));
    if (policy.quietHours().contains(now)) {
      due.removeIf(work -> work.urgency() != Urgency.NOW);
    }
    due.sort(
        Comparator.comparing(DueWork::urgency)
            .thenComparing(Comparator.comparingLong(DueWork::gain).reversed()));
    return List.copyOf(due);
  }

  private void deleteFiles() {
    if (!policy.deletes()) {
      return;
    }
    long byKey = health.equalityDeletes();
    if (byKey > 0) {
      add(
          WorkKind.CONVERT_DELETES,
          Urgency.SOON,
          byKey,
          "%,d equality delete files are compared with every row by each scan".formatted(byKey));
    }
    long byPosition = health.positionDeletes();
    if (health.formatVersion() >= 3 && byPosition > 0) {
      add(
          WorkKind.CONVERT_POSITION_DELETES,
          Urgency.SOON,
          byPosition,
          "%,d position delete files are from before the upgrade to version 3"
              .formatted(byPosition));
    }
    long dangling = health.danglingPartitions();
    if (dangling > 0 && isTime(WorkKind.REMOVE_DANGLING_DELETES, DANGLING_INTERVAL)) {
      add(
          WorkKind.REMOVE_DANGLING_DELETES,
          Urgency.WHENEVER,
          dangling,
          "delete files in %,d partitions are older than every data file there"
              .formatted(dangling));
    }
  }

  private void dropOldRows() {
    Optional<Retention> retention = Retention.of(health.name(), health.properties());
    if (retention.isEmpty()
        || health.oldestRow().isEmpty()
        || policy.retentionInterval().isZero()) {
      return;
    }
    Duration age = retention.get().age();
    Instant oldest = health.oldestRow().get();
    Duration interval =
        age.compareTo(policy.retentionInterval()) < 0 ? age : policy.retentionInterval();
    if (oldest.isBefore(now.minus(age)) && isTime(WorkKind.DROP_OLD_ROWS, interval)) {
      add(
          WorkKind.DROP_OLD_ROWS,
          Urgency.SOON,
          0,
          oldest.equals(Instant.MIN)
              ? "files do not tell how old their rows are, and rows are kept for " + text(age)
              : "the oldest rows are of %s, and rows are kept for %s"
                  .formatted(oldest.truncatedTo(ChronoUnit.SECONDS), text(age)));
    }
  }

  private void computeStatistics() {
    OptionalDouble changed = health.changedSinceStatistics();
    if (policy.statistics()
        && health.rows() > 0
        && health.bytes() <= policy.statisticsMaxBytes()
        && changed.orElse(1) >= policy.statisticsChange()
        && isTime(WorkKind.COMPUTE_STATISTICS, policy.statisticsInterval())) {
      add(
          WorkKind.COMPUTE_STATISTICS,
          Urgency.WHENEVER,
          0,
          changed.isEmpty()
              ? "no statistics of distinct values"
              : "%.0f %% of the rows came or went since distinct values were counted"
                  .formatted(100 * changed.getAsDouble()));
    }
  }

  /** Whether the last run of the kind was that long ago, or failed: then it is tried again. */
  private boolean isTime(WorkKind kind, Duration interval) {
    WorkHistory.Past last = history.past().get(kind);
    return last == null || last.failures() > 0 || !now.isBefore(last.ended().plus(interval));
  }

  private boolean cold(PartitionHealth partition) {
    return Duration.between(partition.lastChange(), now).compareTo(policy.coldAfter()) >= 0;
  }

  private void compactRecent() {
    List<PartitionHealth> found = new ArrayList<>();
    long target = 0;
    for (PartitionHealth partition : health.partitions()) {
      Optional<Long> merged = cold(partition) ? Optional.empty() : worthMerging(partition);
      if (merged.isPresent()) {
        found.add(partition);
        target = Math.max(target, merged.get());
      }
    }
    if (!found.isEmpty()) {
      compact(WorkKind.COMPACT_RECENT, found, target, "small files came");
    }
  }

  /** Returns how large the files become that are worth merging now; empty where none are. */
  private Optional<Long> worthMerging(PartitionHealth partition) {
    long files = 0;
    long bytes = 0;
    for (PartitionHealth.Tier tier : partition.tiers()) {
      files += tier.files();
      bytes += tier.bytes();
      if (files >= policy.minFiles()) {
        return Optional.of(merged(bytes));
      }
    }
    boolean waited =
        Duration.between(partition.oldestSmall(), now).compareTo(policy.targetLag()) >= 0;
    int some = Math.max(2, policy.minFiles() / LAG_SHARE);
    return waited && files >= some && partition.spareFiles(health.targetBytes()) > 0
        ? Optional.of(merged(bytes))
        : Optional.empty();
  }

  /** Footers and dictionaries shrink by merging, so that what has so many bytes becomes one. */
  private long merged(long bytes) {
    return Math.max(1, Math.min(health.targetBytes(), bytes));
  }

  private void compactCold() {
    List<PartitionHealth> found =
        partitions(p -> cold(p) && p.spareFiles(health.targetBytes()) > 0);
    if (!found.isEmpty()) {
      compact(
          WorkKind.COMPACT_COLD,
          found,
          health.targetBytes(),
          "nobody has written for " + text(policy.coldAfter()));
    }
  }

  private void compactDeletes() {
    // What dangling ones name is not there: they are removed first.
    List<PartitionHealth> found =
        partitions(
            p -> p.deletedShare() >= MUCH_DELETED && !(policy.deletes() && p.danglingDeletes()));
    if (!found.isEmpty()) {
      compact(
          WorkKind.COMPACT_DELETES,
          found,
          health.targetBytes(),
          "%.0f %% of the rows or more are deleted".formatted(100 * MUCH_DELETED));
    }
  }

  private List<PartitionHealth> partitions(Predicate<PartitionHealth> condition) {
    return new ArrayList<>(health.partitions().stream().filter(condition).toList());
  }

  private void compact(WorkKind kind, List<PartitionHealth> found, long target, String why) {
    boolean deletes = kind == WorkKind.COMPACT_DELETES;
    ToLongFunction<PartitionHealth> gain = p -> deletes ? p.deleteFiles() : p.spareFiles(target);
    ToLongFunction<PartitionHealth> cost = p -> deletes ? p.bytes() : p.smallBytes();
    found.sort(
        Comparator.comparingDouble(
            p -> -(double) gain.applyAsLong(p) / Math.max(1, cost.applyAsLong(p))));
    List<PartitionHealth> chosen = new ArrayList<>();
    long bytes = 0;
    for (PartitionHealth partition : found) {
      bytes += cost.applyAsLong(partition);
      if (!chosen.isEmpty() && (bytes > policy.maxBytes() || chosen.size() == MOST_PARTITIONS)) {
        bytes -= cost.applyAsLong(partition);
        break;
      }
      chosen.add(partition);
    }
    long files = chosen.stream().mapToLong(p -> deletes ? p.files() : p.smallFiles()).sum();
    DueWork.Scope scope =
        new DueWork.Scope(
            filter(chosen),
            chosen.stream().map(PartitionHealth::path).toList(),
            target,
            kind == WorkKind.COMPACT_RECENT ? Math.max(2, policy.minFiles() / LAG_SHARE) : 2,
            bytes);
    due.add(
        new DueWork(
            kind,
            kind == WorkKind.COMPACT_RECENT ? Urgency.NOW : Urgency.SOON,
            "%s: %,d files of %,d kB in %d of %d partitions"
                .formatted(why, files, bytes / 1_000, chosen.size(), health.partitions().size()),
            chosen.stream().mapToLong(gain).sum(),
            scope));
  }

  private Expression filter(List<PartitionHealth> chosen) {
    if (chosen.size() == health.partitions().size()) {
      return Expressions.alwaysTrue();
    }
    return chosen.stream()
        .map(PartitionHealth::filter)
        .reduce(Expressions.alwaysFalse(), Expressions::or);
  }

  private void expire() {
    if (!policy.expiry()
        || health.expired() == 0
        || !PropertyUtil.propertyAsBoolean(
            health.properties(), TableProperties.GC_ENABLED, TableProperties.GC_ENABLED_DEFAULT)) {
      return;
    }
    boolean many = health.snapshots() > health.mostSnapshots() * 5 / 4;
    if (many || isTime(WorkKind.EXPIRE_SNAPSHOTS, policy.expiryInterval())) {
      add(
          WorkKind.EXPIRE_SNAPSHOTS,
          many ? Urgency.NOW : Urgency.WHENEVER,
          health.expired(),
          "%,d of %,d snapshots are past the table's retention"
              .formatted(health.expired(), health.snapshots()));
    }
  }

  private void mergeManifests() {
    if (policy.manifests()
        && health.smallManifests() >= MANY_MANIFESTS
        && PropertyUtil.propertyAsBoolean(
            health.properties(),
            TableProperties.MANIFEST_MERGE_ENABLED,
            TableProperties.MANIFEST_MERGE_ENABLED_DEFAULT)) {
      add(
          WorkKind.MERGE_MANIFESTS,
          Urgency.NOW,
          health.smallManifests(),
          "%,d of %,d manifests are small, and each commit lists all"
              .formatted(health.smallManifests(), health.manifests()));
    }
  }

  private void sweep() {
    Duration interval = policy.sweepInterval();
    if (!interval.isZero() && isTime(WorkKind.SWEEP, interval)) {
      add(
          WorkKind.SWEEP,
          Urgency.WHENEVER,
          0,
          history.past().get(WorkKind.SWEEP) == null
              ? "nobody has looked yet for what dead writers left"
              : "nobody has looked for " + text(interval));
    }
  }

  private void add(WorkKind kind, Urgency urgency, long gain, String reason) {
    due.add(new DueWork(kind, urgency, reason, gain, EVERYTHING));
  }

  private static String text(Duration time) {
    return time.toString().substring(2).toLowerCase(Locale.ROOT);
  }
}
