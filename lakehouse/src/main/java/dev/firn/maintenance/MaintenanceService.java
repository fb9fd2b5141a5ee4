package dev.firn.maintenance;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Maintains tables in the background, until it is closed. Thread-safe. Owns a bounded number of
 * daemon threads.
 *
 * <p>How it works: each table is looked at again after a while: soon where others commit to it
 * often, or this process just did; later each time that nothing was due, up to ten times the
 * interval. A look asks the catalog for the table's current metadata and reads what is new of its
 * manifests: nothing where the table is as it was.
 */
public final class MaintenanceService implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(MaintenanceService.class);

  /** After a commit of this process, so that several are looked at together. */
  private static final long SOON_MILLIS = 1_000;

  private static final int MOST_INTERVALS = 10;
  private static final int MOST_DOUBLINGS = 12;
  private static final long CLOSE_SECONDS = 60;

  private final Workplace place;
  private final Maintenance options;
  private final Keeper keeper;
  private final ScheduledThreadPoolExecutor threads;
  private final Map<String, Round> rounds = new ConcurrentHashMap<>();
  private final Runnable unlisten;
  private final Runnable disown;
  private volatile boolean closing;
  private volatile boolean paused;

  MaintenanceService(Workplace place, Maintenance options) {
    this.place = place;
    this.options = options;
    this.keeper = new Keeper(place, options.lease(), () -> closing || paused, options.listener());
    this.threads =
        new ScheduledThreadPoolExecutor(options.threads(), Threads.named("firn-maintenance"));
    threads.setRemoveOnCancelPolicy(true);
    threads.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    this.unlisten = place.listen(this::changed);
    this.disown = place.own(this);
    var unused =
        threads.scheduleWithFixedDelay(
            this::list, 0, options.interval().toMillis(), TimeUnit.MILLISECONDS);
  }

  /** The looks at one table. Its fields are guarded by itself. */
  private final class Round {
    private final Watch watch;
    private @Nullable ScheduledFuture<?> next;
    private boolean looking;
    private boolean again;
    private int quiet;
    private int failures;

    Round(String table) {
      this.watch = new Watch(table);
    }

    synchronized void schedule(long millis) {
      if (closing) {
        return;
      }
      if (looking) {
        again = true;
        return;
      }
      if (next != null) {
        if (next.getDelay(TimeUnit.MILLISECONDS) <= millis) {
          return;
        }
        next.cancel(false);
      }
      try {
        next = threads.schedule(this::look, millis, TimeUnit.MILLISECONDS);
      } catch (RejectedExecutionException e) {
        LOG.debug("No more looks: closing", e);
      }
    }

    private void look() {
      synchronized (this) {
        next = null;
        looking = true;
        again = false;
      }
      long delay = options.interval().toMillis();
      boolean exists = true;
      try {
        if (!paused && !closing) {
          Keeper.Visit visit = keeper.visit(watch);
          exists = visit.exists();
          delay = delay(visit);
        }
      } catch (RuntimeException e) {
        delay = failed(e);
      } finally {
        end(exists, delay);
      }
    }

    private void end(boolean exists, long delay) {
      boolean soon;
      synchronized (this) {
        looking = false;
        soon = again;
      }
      if (exists) {
        schedule(soon ? Math.min(delay, SOON_MILLIS) : delay);
      } else {
        rounds.remove(watch.table(), this);
      }
    }

    private synchronized long delay(Keeper.Visit visit) {
      failures = 0;
      long interval = options.interval().toMillis();
      boolean still = visit.pieces() == 0 && visit.commitsPerMinute() == 0;
      quiet = still ? Math.min(quiet + 1, MOST_DOUBLINGS) : 0;
      if (visit.commitsPerMinute() > 0) {
        // When half as many files as are waited for may have come.
        double minutes = visit.minFiles() / 2.0 / visit.commitsPerMinute();
        return Math.max(
            Math.min(SOON_MILLIS, interval), Math.min(interval, (long) (minutes * 60_000)));
      }
      return Math.min(interval << quiet, interval * MOST_INTERVALS);
    }

    private synchronized long failed(RuntimeException e) {
      failures = Math.min(failures + 1, MOST_DOUBLINGS);
      watch.failed(String.valueOf(e.getMessage()));
      LOG.warn("Cannot look after {}", watch.table(), e);
      long interval = options.interval().toMillis();
      return Math.min(interval << failures, Math.max(interval, Duration.ofHours(1).toMillis()));
    }
  }

  /** Finds tables that are new; those that are gone end by themselves. */
  private void list() {
    try {
      if (!paused && !closing) {
        Set<String> known = new HashSet<>(rounds.keySet());
        for (String table : options.names(place)) {
          if (!known.contains(table)) {
            rounds.computeIfAbsent(table, Round::new).schedule(0);
          }
        }
      }
    } catch (RuntimeException e) {
      LOG.warn("Cannot list the tables to be maintained", e);
    }
  }

  private void changed(String table) {
    Round round = rounds.get(table);
    if (round != null) {
      round.schedule(Math.min(SOON_MILLIS, options.interval().toMillis()));
    }
  }

  /** Pauses this service alone; work under way is given up. For all processes: see Maintenance. */
  public void pause() {
    paused = true;
  }

  /** Ends a pause of this service. */
  public void resume() {
    paused = false;
    rounds.values().forEach(round -> round.schedule(0));
  }

  /** Returns what is known of the tables, by name. */
  public List<TableStatus> status() {
    Collection<Round> all = new ArrayList<>(rounds.values());
    return all.stream()
        .map(round -> round.watch.status())
        .sorted(Comparator.comparing(TableStatus::table))
        .toList();
  }

  /** Returns what was done since the start. */
  public MaintenanceMetrics metrics() {
    return keeper.counters().snapshot();
  }

  /**
   * Stops: work under way is given up where it has not begun to commit, and nothing new begins.
   * Waits for that. Closing twice is harmless.
   */
  @Override
  public void close() {
    closing = true;
    unlisten.run();
    threads.shutdown();
    try {
      if (!threads.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
        LOG.warn("Maintenance did not stop within {} s", CLOSE_SECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    keeper.close();
    disown.run();
  }
}
