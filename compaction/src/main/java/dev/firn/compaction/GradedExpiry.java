package dev.firn.compaction;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.apache.iceberg.HasTableOperations;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.exceptions.CommitStateUnknownException;
import org.apache.iceberg.io.FileIO;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A refinable expiry of the snapshots that {@link GradedRetention} does not keep. Immutable. Works
 * in the calling thread. Meant to run often: its cost goes with the number of snapshots that
 * expire, not with the size or age of the table.
 *
 * <p>Branches and tags past their {@code max-ref-age-ms} go too, as in every expiry.
 *
 * <p>Outcomes of {@code run}: a conflict or an invalid request changes nothing; where the commit's
 * state is unknown no file is removed; after the commit, files that fail to be removed stay behind
 * unreachable. Files are removed only once the commit is applied, so that a crash leaves at worst
 * unreachable ones. Who reads an expired snapshot meanwhile then misses files: see {@link
 * #removal}.
 */
public final class GradedExpiry {
  private static final Logger LOG = LoggerFactory.getLogger(GradedExpiry.class);
  private static final int ATTEMPTS = 5;

  private final Target target;
  private final Clock clock;
  private final long heldSince;
  private final int atMost;
  private final FileRemoval removal;
  private final Runnable beforeCommit;

  private GradedExpiry(
      Target target,
      Clock clock,
      long heldSince,
      int atMost,
      FileRemoval removal,
      Runnable beforeCommit) {
    this.target = target;
    this.clock = clock;
    this.heldSince = heldSince;
    this.atMost = atMost;
    this.removal = removal;
    this.beforeCommit = beforeCommit;
  }

  /** Of a table whose failures leave as they are. */
  public static GradedExpiry of(Table table) {
    return of(table, failure -> failure);
  }

  /** Of a table whose failures leave as what {@code failures} makes of them. */
  public static GradedExpiry of(Table table, UnaryOperator<RuntimeException> failures) {
    return new GradedExpiry(
        Target.of(table, failures),
        Clock.systemUTC(),
        Long.MAX_VALUE,
        Integer.MAX_VALUE,
        FileRemoval.NOW,
        () -> {});
  }

  /** By another clock than the system's. */
  public GradedExpiry clock(Clock newClock) {
    return new GradedExpiry(target, newClock, heldSince, atMost, removal, beforeCommit);
  }

  /**
   * Every snapshot with this sequence number or a greater one stays, for work in progress that
   * checks what happened since.
   */
  public GradedExpiry heldSince(long sequenceNumber) {
    return new GradedExpiry(target, clock, sequenceNumber, atMost, removal, beforeCommit);
  }

  /** One run expires at most so many snapshots, the oldest ones. */
  public GradedExpiry atMost(int snapshots) {
    return new GradedExpiry(target, clock, heldSince, snapshots, removal, beforeCommit);
  }

  /** The files are removed when {@code newRemoval} says, instead of at once. */
  public GradedExpiry removal(FileRemoval newRemoval) {
    return new GradedExpiry(target, clock, heldSince, atMost, newRemoval, beforeCommit);
  }

  /** A test's way to let others commit in between. */
  GradedExpiry beforeCommit(Runnable action) {
    return new GradedExpiry(target, clock, heldSince, atMost, removal, action);
  }

  /** What {@link #run()} would remove now. Changes nothing. */
  public SnapshotExpiry.Result plan() {
    return target.run(
        () -> {
          Plan plan = plan(operations().refresh());
          return SnapshotExpiry.result(plan.files(), plan.refs());
        });
  }

  /** Expires, and removes the files that only expired snapshots referred to. */
  public SnapshotExpiry.Result run() {
    return target.run(this::expire);
  }

  private record Plan(TableMetadata base, Set<Long> expired, Set<String> refs, ExpiredFiles files) {
    TableMetadata updated() {
      TableMetadata.Builder updated = TableMetadata.buildFrom(base);
      refs.forEach(updated::removeRef);
      return updated.removeSnapshots(expired).build();
    }
  }

  private SnapshotExpiry.Result expire() {
    TableOperations operations = operations();
    for (int attempt = 1; ; attempt++) {
      TableMetadata base = operations.refresh();
      try {
        Plan plan = plan(base);
        if (plan.expired().isEmpty() && plan.refs().isEmpty()) {
          return SnapshotExpiry.result(plan.files(), plan.refs());
        }
        beforeCommit.run();
        operations.commit(base, plan.updated());
        return applied(plan, operations);
      } catch (CommitStateUnknownException e) {
        throw SnapshotExpiry.unknown(target.table(), e);
      } catch (CommitFailedException e) {
        if (attempt == ATTEMPTS) {
          throw SnapshotExpiry.conflict(target.table(), e);
        }
      } catch (FirnException e) {
        // Where another process expired the same snapshots first, their files are missing.
        if (attempt == ATTEMPTS || e.kind() != ErrorKind.CORRUPT || !moved(operations, base)) {
          throw e;
        }
      }
    }
  }

  private static boolean moved(TableOperations operations, TableMetadata base) {
    return !Objects.equals(
        operations.refresh().metadataFileLocation(), base.metadataFileLocation());
  }

  /** The commit is applied: what fails here must not look as if it had not been. */
  private SnapshotExpiry.Result applied(Plan plan, TableOperations operations) {
    try {
      return remove(plan, operations.refresh());
    } catch (RuntimeException e) {
      LOG.warn(
          "Expired {} snapshots of {}, but their files stay behind, unreachable",
          plan.expired().size(),
          target.table().name(),
          e);
      return SnapshotExpiry.result(plan.files().kept(), plan.refs());
    }
  }

  private Plan plan(TableMetadata base) {
    if (!base.propertyAsBoolean(TableProperties.GC_ENABLED, TableProperties.GC_ENABLED_DEFAULT)) {
      throw FirnException.invalid(
          "Cannot expire snapshots of %s: gc.enabled is false, other tables may share its files; set it to true if none does"
              .formatted(target.table().name()));
    }
    long now = clock.millis();
    Set<Long> ids =
        oldest(
            base,
            GradedRetention.orDefault(base.properties())
                .expired(Timeline.of(base, now), now, heldSince));
    return new Plan(
        base,
        ids,
        Timeline.aged(base, now),
        ExpiredFiles.lately(target.table(), those(base, ids, true), those(base, ids, false)));
  }

  private Set<Long> oldest(TableMetadata table, Set<Long> ids) {
    return ids.size() <= atMost
        ? ids
        : those(table, ids, true).stream()
            .sorted(Comparator.comparingLong(Snapshot::sequenceNumber))
            .limit(atMost)
            .map(Snapshot::snapshotId)
            .collect(Collectors.toSet());
  }

  private static List<Snapshot> those(TableMetadata table, Set<Long> ids, boolean in) {
    return table.snapshots().stream().filter(s -> ids.contains(s.snapshotId()) == in).toList();
  }

  private SnapshotExpiry.Result remove(Plan plan, TableMetadata now) {
    ExpiredFiles removed = plan.files();
    if (!follows(plan, now)) {
      List<Snapshot> expired =
          plan.base().snapshots().stream()
              .filter(s -> now.snapshot(s.snapshotId()) == null)
              .toList();
      removed =
          ExpiredFiles.between(target.table(), expired, now.snapshots())
              .withOtherFiles(removed.otherFiles());
    }
    ExpiredFiles files = removed;
    FileIO io = target.table().io();
    removal.remove(replaced(plan), files.all(), () -> files.deleteWith(io));
    SnapshotExpiry.Result result = SnapshotExpiry.result(removed, plan.refs());
    LOG.info(
        "Expired {} snapshots of {}, {} stay: {} data files, {} delete files, {} manifests gone",
        result.snapshots().size(),
        target.table().name(),
        now.snapshots().size(),
        result.dataFiles(),
        result.deleteFiles(),
        result.manifests());
    return result;
  }

  /** Returns when the youngest of what expired had surely been replaced. */
  private static Instant replaced(Plan plan) {
    long youngest =
        those(plan.base(), plan.expired(), true).stream()
            .mapToLong(Snapshot::sequenceNumber)
            .max()
            .orElse(0);
    return Instant.ofEpochMilli(
        plan.base().snapshots().stream()
            .filter(snapshot -> snapshot.sequenceNumber() > youngest)
            .min(Comparator.comparingLong(Snapshot::sequenceNumber))
            .map(Snapshot::timestampMillis)
            .orElse(plan.base().lastUpdatedMillis()));
  }

  /**
   * Whether what expired is what was planned, and what others committed since then builds on what
   * stays.
   */
  private static boolean follows(Plan plan, TableMetadata now) {
    Set<Long> known = new HashSet<>();
    for (Snapshot snapshot : plan.base().snapshots()) {
      known.add(snapshot.snapshotId());
      boolean gone = now.snapshot(snapshot.snapshotId()) == null;
      if (gone != plan.expired().contains(snapshot.snapshotId())) {
        return false;
      }
    }
    List<Snapshot> others = new ArrayList<>(now.snapshots());
    others.removeIf(snapshot -> known.contains(snapshot.snapshotId()));
    return others.stream()
        .allMatch(s -> s.parentId() == null || now.snapshot(s.parentId()) != null);
  }

  private TableOperations operations() {
    if (target.table() instanceof HasTableOperations table) {
      return table.operations();
    }
    throw new FirnException(
        ErrorKind.INVALID,
        "Cannot expire snapshots of %s: expected a table of a catalog, got a %s"
            .formatted(target.table().name(), target.table().getClass().getSimpleName()));
  }
}
