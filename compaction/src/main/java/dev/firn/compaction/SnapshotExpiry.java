package dev.firn.compaction;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.apache.iceberg.ExpireSnapshots;
import org.apache.iceberg.HasTableOperations;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.exceptions.CommitStateUnknownException;
import org.apache.iceberg.exceptions.ValidationException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A refinable expiry of one table's snapshots: {@link #plan()} says what {@link #run()} would
 * remove. Immutable. Works in the calling thread.
 *
 * <p>A snapshot expires where it is older than {@link #olderThan} (default: {@code
 * history.expire.max-snapshot-age-ms}, five days) and not among the newest {@link #retainLast} of
 * its branch (default: {@code history.expire.min-snapshots-to-keep}, 1). Heads of branches, tagged
 * snapshots and so the current snapshot never expire; a branch's or tag's own retention settings,
 * and {@code history.expire.max-ref-age-ms}, are respected.
 *
 * <p>Outcomes of {@code run}: a conflict or an invalid request changes nothing; where the commit's
 * state is unknown no file is removed; after the commit, files that fail to be removed stay behind
 * unreachable, and a warning names how many.
 */
public final class SnapshotExpiry {
  private static final Logger LOG = LoggerFactory.getLogger(SnapshotExpiry.class);

  private final Target target;
  private final @Nullable Instant olderThan;
  private final @Nullable Integer retainLast;

  private SnapshotExpiry(Target target, @Nullable Instant olderThan, @Nullable Integer retainLast) {
    this.target = target;
    this.olderThan = olderThan;
    this.retainLast = retainLast;
  }

  /**
   * What was, or on a dry run would be, removed: ids of snapshots, oldest first, names of branches
   * and tags that were past their age, and counts of files that nothing retained refers to any
   * more.
   */
  public record Result(
      List<Long> snapshots,
      List<String> refs,
      int dataFiles,
      int deleteFiles,
      int manifests,
      int manifestLists,
      int otherFiles) {
    public Result {
      snapshots = List.copyOf(snapshots);
      refs = List.copyOf(refs);
    }
  }

  /** Of a table whose failures leave as they are. */
  public static SnapshotExpiry of(Table table) {
    return of(table, failure -> failure);
  }

  /** Of a table whose failures leave as what {@code failures} makes of them. */
  public static SnapshotExpiry of(Table table, UnaryOperator<RuntimeException> failures) {
    return new SnapshotExpiry(Target.of(table, failures), null, null);
  }

  /** Only snapshots older than this expire. */
  public SnapshotExpiry olderThan(Instant instant) {
    return new SnapshotExpiry(target, instant, retainLast);
  }

  /** The newest {@code snapshots} of each branch stay, whatever their age; at least 1. */
  public SnapshotExpiry retainLast(int snapshots) {
    if (snapshots < 1) {
      throw FirnException.invalid(
          "Cannot expire snapshots of "
              + target.table().name()
              + ": at least one must be retained, expected 1 or more, got "
              + snapshots);
    }
    return new SnapshotExpiry(target, olderThan, snapshots);
  }

  /** What {@link #run()} would remove now. Reads manifests, changes nothing. */
  public Result plan() {
    return target.run(() -> result(planned(configured()), aged()));
  }

  /** Expires, and removes the files that only expired snapshots referred to. */
  public Result run() {
    return target.run(this::expire);
  }

  private Result expire() {
    ExpireSnapshots expiry = configured();
    ExpiredFiles planned = planned(expiry);
    Set<String> aged = aged();
    if (planned.snapshots().isEmpty() && aged.isEmpty()) {
      return result(planned, aged);
    }
    List<Snapshot> before = snapshots();
    commit(expiry);
    target.table().refresh();
    ExpiredFiles removed = sinceThen(before, planned);
    removed.deleteWith(target.table().io());
    aged.removeAll(target.table().refs().keySet());
    Result result = result(removed, aged);
    LOG.info("Expired snapshots of {}: {}", target.table().name(), result);
    return result;
  }

  private ExpiredFiles planned(ExpireSnapshots expiry) {
    List<Snapshot> expired = expiry.apply();
    Set<Long> gone = ids(expired);
    List<Snapshot> retained =
        snapshots().stream().filter(s -> !gone.contains(s.snapshotId())).toList();
    return ExpiredFiles.between(target.table(), expired, retained);
  }

  /** Other writers may have committed between the plan and the commit. */
  private ExpiredFiles sinceThen(List<Snapshot> before, ExpiredFiles planned) {
    List<Snapshot> retained = snapshots();
    Set<Long> kept = ids(retained);
    List<Snapshot> expired = before.stream().filter(s -> !kept.contains(s.snapshotId())).toList();
    return ids(expired).equals(ids(planned.snapshots())) && ids(before).containsAll(kept)
        ? planned
        : ExpiredFiles.between(target.table(), expired, retained)
            .withOtherFiles(planned.otherFiles());
  }

  private void commit(ExpireSnapshots expiry) {
    try {
      expiry.commit();
    } catch (CommitStateUnknownException e) {
      throw unknown(target.table(), e);
    } catch (CommitFailedException e) {
      throw conflict(target.table(), e);
    }
  }

  static FirnException unknown(Table table, CommitStateUnknownException e) {
    return new FirnException(
        ErrorKind.COMMIT_STATE_UNKNOWN,
        "Cannot tell whether snapshots of "
            + table.name()
            + " were expired: the catalog did not answer; no file was removed; look at the"
            + " table's snapshots and run again",
        e);
  }

  static FirnException conflict(Table table, CommitFailedException e) {
    return new FirnException(
        ErrorKind.CONFLICT,
        "Cannot expire snapshots of "
            + table.name()
            + ": other writers kept committing first; nothing was changed; run again",
        e);
  }

  private ExpireSnapshots configured() {
    target.table().refresh();
    try {
      ExpireSnapshots expiry =
          target.table().expireSnapshots().cleanupLevel(ExpireSnapshots.CleanupLevel.NONE);
      if (olderThan != null) {
        expiry = expiry.expireOlderThan(olderThan.toEpochMilli());
      }
      return retainLast == null ? expiry : expiry.retainLast(retainLast);
    } catch (ValidationException e) {
      throw new FirnException(
          ErrorKind.INVALID,
          "Cannot expire snapshots of "
              + target.table().name()
              + ": "
              + e.getMessage()
              + "; set gc.enabled to true if no other table shares its files",
          e);
    }
  }

  private List<Snapshot> snapshots() {
    List<Snapshot> snapshots = new ArrayList<>();
    target.table().snapshots().forEach(snapshots::add);
    return snapshots;
  }

  private static Set<Long> ids(List<Snapshot> snapshots) {
    Set<Long> ids = new HashSet<>();
    snapshots.forEach(snapshot -> ids.add(snapshot.snapshotId()));
    return ids;
  }

  /** By the same rule as Iceberg's commit removes them. */
  private Set<String> aged() {
    return target.table() instanceof HasTableOperations table
        ? Timeline.aged(table.operations().current(), System.currentTimeMillis())
        : new HashSet<>();
  }

  static Result result(ExpiredFiles files, Set<String> refs) {
    return new Result(
        files.snapshots().stream().map(Snapshot::snapshotId).toList(),
        refs.stream().sorted().toList(),
        files.dataFiles().size(),
        files.deleteFiles().size(),
        files.manifests().size(),
        files.manifestLists().size(),
        files.otherFiles().size());
  }
}
