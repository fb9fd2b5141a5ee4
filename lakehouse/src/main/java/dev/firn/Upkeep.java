package dev.firn;

import dev.firn.catalog.LakeCatalog;
import dev.firn.catalog.commit.CommitListener;
import dev.firn.catalog.table.TableName;
import dev.firn.compaction.GradedExpiry;
import dev.firn.compaction.GradedRetention;
import dev.firn.compaction.ManifestMerge;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.stream.StreamSupport;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotSummary;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.exceptions.NoSuchTableException;
import org.apache.iceberg.util.PropertyUtil;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the cost of commits flat: expires snapshots by their table's graded retention, and merges
 * small manifests, after commits of this process and off their path. Thread-safe. Owns one thread,
 * which ends when idle; one table is worked on at a time.
 *
 * <p>How it works: a commit's own metadata says how many snapshots and manifests there are, so
 * nothing is read unless something is due: snapshots a quarter above what is to be kept, or {@value
 * #MANIFESTS} manifests more than the last merge left. A failure is logged, and the table is left
 * alone for the next {@value #PAUSE} commits.
 */
final class Upkeep implements CommitListener, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Upkeep.class);

  /** So many more manifests are looked at. */
  private static final int MANIFESTS = 32;

  /** How many commits a table is left alone for after a failure. */
  private static final int PAUSE = 100;

  /** Work in progress holds at most so many times the snapshots that are to be kept. */
  private static final int MOST_HELD = 10;

  /** How long a reader of what was the newest snapshot may take, however fast others commit. */
  static final Duration READING = Duration.ofMinutes(10);

  private static final long IDLE_SECONDS = 10;

  private static final long GRACE_SECONDS = 2;
  private static final long CLOSE_SECONDS = 60;

  /** Of a table that was never kept up, so many snapshots go in one commit. */
  private static final int AT_ONCE = 500;

  private final LakeCatalog catalog;
  private final Holds holds;
  private final Clock clock;
  private final ScheduledThreadPoolExecutor worker;
  private final LateRemovals removals;
  private final Map<TableIdentifier, State> states = new ConcurrentHashMap<>();
  private volatile boolean closing;
  private volatile long lastStart;

  /** What is known of a table from its last run. Guarded by itself. */
  private static final class State {
    private boolean busy;
    private int snapshotsLeft;
    private int manifestsLeft;
    private int pause;
  }

  /** What a commit has made due. */
  private record Due(boolean snapshots, boolean manifests) {}

  /**
   * Borrows catalog and holds. {@code clock} says how old snapshots are; {@code readersTake} how
   * long after a snapshot was replaced its files may still be read.
   */
  Upkeep(LakeCatalog catalog, Holds holds, Clock clock, Duration readersTake) {
    this.catalog = catalog;
    this.holds = holds;
    this.clock = clock;
    this.worker =
        new ScheduledThreadPoolExecutor(
            1,
            task -> {
              Thread thread = new Thread(task, "firn-upkeep");
              thread.setDaemon(true);
              return thread;
            });
    worker.setKeepAliveTime(IDLE_SECONDS, TimeUnit.SECONDS);
    worker.allowCoreThreadTimeOut(true);
    worker.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    this.removals = new LateRemovals(worker, clock, readersTake);
  }

  @Override
  public void committed(TableIdentifier table, TableMetadata current) {
    State state = states.computeIfAbsent(table, t -> new State());
    synchronized (state) {
      if (state.busy) {
        return;
      }
      if (state.pause > 0) {
        state.pause--;
        return;
      }
      try {
        Due due = new Due(snapshotsDue(state, current), manifestsDue(state, current));
        if (due.snapshots() || due.manifests()) {
          worker.execute(() -> run(table, state, due));
          state.busy = true;
        }
      } catch (RejectedExecutionException e) {
        LOG.debug("No upkeep of {} now: closing", TableName.format(table), e);
      } catch (RuntimeException e) {
        pause(table, state, e);
      }
    }
  }

  private static boolean snapshotsDue(State state, TableMetadata current) {
    Optional<GradedRetention> retention = GradedRetention.of(current.properties());
    if (retention.isEmpty()
        || !current.propertyAsBoolean(
            TableProperties.GC_ENABLED, TableProperties.GC_ENABLED_DEFAULT)) {
      return false;
    }
    int most = retention.get().maxCount();
    int slack = most / 4;
    return current.snapshots().size() > Math.max(most, state.snapshotsLeft) + slack;
  }

  private static boolean manifestsDue(State state, TableMetadata current) {
    Snapshot head = current.currentSnapshot();
    if (head == null
        || head.summary() == null
        || !current.propertyAsBoolean(
            TableProperties.MANIFEST_MERGE_ENABLED,
            TableProperties.MANIFEST_MERGE_ENABLED_DEFAULT)) {
      return false;
    }
    int manifests =
        count(head, SnapshotSummary.CREATED_MANIFESTS_COUNT)
            + count(head, SnapshotSummary.KEPT_MANIFESTS_COUNT);
    return manifests >= state.manifestsLeft + MANIFESTS;
  }

  private static int count(Snapshot snapshot, String key) {
    return PropertyUtil.propertyAsInt(snapshot.summary(), key, 0);
  }

  private void run(TableIdentifier id, State state, Due due) {
    try {
      if (!closing || System.nanoTime() - lastStart < 0) {
        Table table = catalog.loadTable(id);
        int manifests = due.manifests() ? ManifestMerge.of(table).run().after() : -1;
        int snapshots = due.snapshots() ? expire(id, table) : -1;
        synchronized (state) {
          state.manifestsLeft = manifests < 0 ? state.manifestsLeft : manifests;
          state.snapshotsLeft = snapshots < 0 ? state.snapshotsLeft : snapshots;
        }
      }
    } catch (NoSuchTableException e) {
      LOG.debug("{} was dropped before its upkeep", TableName.format(id), e);
      states.remove(id);
    } catch (RuntimeException e) {
      synchronized (state) {
        pause(id, state, e);
      }
    } finally {
      synchronized (state) {
        state.busy = false;
      }
    }
  }

  /**
   * Expires what the table's retention does not keep, in the calling thread; returns how many
   * snapshots went. Their files wait for readers as after any upkeep.
   */
  int expire(TableIdentifier id) {
    Table table = catalog.loadTable(id);
    int before = snapshots(table);
    return Math.max(0, before - expire(id, table));
  }

  /** Returns how many snapshots are left. */
  private int expire(TableIdentifier id, Table table) {
    int most = GradedRetention.orDefault(table.properties()).maxCount();
    int expired;
    int left;
    do {
      table.refresh();
      boolean tooMany = snapshots(table) > MOST_HELD * most;
      expired =
          GradedExpiry.of(table)
              .clock(clock)
              .heldSince(tooMany ? Holds.NONE : holds.since(id))
              .atMost(AT_ONCE)
              .removal(removals.of(() -> catalog.intent(id, table)))
              .run()
              .snapshots()
              .size();
      table.refresh();
      left = snapshots(table);
    } while (expired == AT_ONCE && !closing);
    return left;
  }

  private static int snapshots(Table table) {
    return (int) StreamSupport.stream(table.snapshots().spliterator(), false).count();
  }

  private static void pause(TableIdentifier table, State state, RuntimeException e) {
    state.pause = PAUSE;
    LOG.warn(
        "Upkeep of {} failed; commits go on, and it is tried again after {} of them",
        TableName.format(table),
        PAUSE,
        e);
  }

  /** Waits until what has become due is done: a test's way to go on from there. */
  void settle() {
    try {
      Object unused = worker.submit(() -> {}).get();
    } catch (InterruptedException | ExecutionException e) {
      throw new IllegalStateException("Cannot wait for upkeep", e);
    }
  }

  /**
   * Finishes what has begun. What waits is begun for two seconds more, so that a process that
   * commits once and ends keeps its table up too; the rest is dropped, and due again with the next
   * commit of any process. Files that wait for their readers are left to a sweep.
   */
  @Override
  public void close() {
    lastStart = System.nanoTime() + TimeUnit.SECONDS.toNanos(GRACE_SECONDS);
    closing = true;
    worker.shutdown();
    try {
      if (!worker.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
        LOG.warn(
            "Upkeep did not end within {} s; it leaves at worst unreachable files", CLOSE_SECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
