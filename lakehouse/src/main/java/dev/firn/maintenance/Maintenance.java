package dev.firn.maintenance;

import dev.firn.compaction.policy.Diagnosis;
import dev.firn.error.FirnException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;

/**
 * The maintenance of a lakehouse's tables: refine, then {@link #start}, {@link #runOnce} or {@link
 * #plan}. Immutable; borrows the lakehouse.
 *
 * <p>What a table gets is said by its properties {@code firn.maintenance.*}. Processes that share a
 * catalog of ours share the work: each table is worked on by one at a time. Over a REST catalog
 * each process works, pauses and remembers for itself ({@link #shared}).
 */
public final class Maintenance {
  /** The kind of {@link PerformedWork} that failed before it was known what is due. */
  public static final String LOOK = "look";

  private static final Duration LEASE = Duration.ofSeconds(60);
  private static final Duration INTERVAL = Duration.ofSeconds(30);
  private static final int CORES_PER_THREAD = 4;

  private final Workplace place;
  private final List<String> tables;
  private final Duration interval;
  private final int threads;
  private final Duration lease;
  private final Consumer<PerformedWork> listener;

  private Maintenance(
      Workplace place,
      List<String> tables,
      Duration interval,
      int threads,
      Duration lease,
      Consumer<PerformedWork> listener) {
    this.place = place;
    this.tables = List.copyOf(tables);
    this.interval = interval;
    this.threads = threads;
    this.lease = lease;
    this.listener = listener;
  }

  /** Of all tables of the workplace. */
  public static Maintenance of(Workplace place) {
    int cores = Runtime.getRuntime().availableProcessors();
    return new Maintenance(
        place, List.of(), INTERVAL, Math.max(1, cores / CORES_PER_THREAD), LEASE, work -> {});
  }

  /** Only these tables, now and in future; none named means all. */
  public Maintenance tables(List<String> names) {
    return new Maintenance(place, names, interval, threads, lease, listener);
  }

  /** How often to look at a table to which nobody commits often (default 30 s). */
  public Maintenance interval(Duration time) {
    return new Maintenance(place, tables, positive("interval", time), threads, lease, listener);
  }

  /** How many tables may be worked on at a time (default a quarter of the processors). */
  public Maintenance threads(int most) {
    if (most < 1 || most > 1_000) {
      throw FirnException.invalid(
          "Cannot maintain: bad number of threads, expected 1 to 1000, got " + most);
    }
    return new Maintenance(place, tables, interval, most, lease, listener);
  }

  /** After that time without a word from a process, others take its tables over (default 60 s). */
  public Maintenance lease(Duration length) {
    return new Maintenance(place, tables, interval, threads, positive("lease", length), listener);
  }

  /**
   * Tells {@code newListener} of each piece of work that has ended, in the thread that did it: the
   * caller's for {@link #runOnce}, one of the service's else, several at a time. It must return
   * soon, and must not throw.
   */
  public Maintenance listener(Consumer<PerformedWork> newListener) {
    return new Maintenance(place, tables, interval, threads, lease, newListener);
  }

  private static Duration positive(String what, Duration time) {
    if (time.toMillis() < 1) {
      throw FirnException.invalid(
          "Cannot maintain: bad %s, expected a millisecond or more, got %s".formatted(what, time));
    }
    return time;
  }

  /** Starts a service. The caller closes it; closing the lakehouse does, too. */
  public MaintenanceService start() {
    return new MaintenanceService(place, this);
  }

  /**
   * Does all that is due now, table by table, in the calling thread; returns what was done. A table
   * that another process has, or that is paused, is left out. What fails is among what is returned;
   * where not even what is due could be found out, its kind is {@link #LOOK}, and the next table's
   * turn comes all the same.
   */
  public List<PerformedWork> runOnce() {
    List<PerformedWork> done = new ArrayList<>();
    Consumer<PerformedWork> each = listener.andThen(done::add);
    try (Keeper keeper = new Keeper(place, lease, Thread.currentThread()::isInterrupted, each)) {
      for (String table : names(place)) {
        visit(keeper, table, each);
      }
    }
    return done;
  }

  private void visit(Keeper keeper, String table, Consumer<PerformedWork> each) {
    Instant started = place.ledger().now();
    try {
      Keeper.Visit unused = keeper.visit(new Watch(table));
    } catch (RuntimeException e) {
      if (Thread.currentThread().isInterrupted()) {
        throw e;
      }
      Instant ended = place.ledger().now();
      each.accept(
          new PerformedWork(
              table, LOOK, started, ended, Outcome.FAILED.word(), Detail.ofFailure(e)));
    }
  }

  /**
   * Returns what is due now, table by table, the most urgent of each first. Changes nothing. A
   * table that cannot be read, or has a property that is wrong, is among those that failed.
   */
  public MaintenancePlan plan() {
    List<PlannedWork> due = new ArrayList<>();
    List<FailedLook> failed = new ArrayList<>();
    try (Keeper keeper = new Keeper(place, lease, () -> false, work -> {})) {
      for (String table : names(place)) {
        try {
          keeper.plan(new Watch(table)).forEach(work -> due.add(new PlannedWork(table, work)));
        } catch (RuntimeException e) {
          if (Thread.currentThread().isInterrupted()) {
            throw e;
          }
          failed.add(new FailedLook(table, e));
        }
      }
    }
    return new MaintenancePlan(due, failed);
  }

  /**
   * Says how healthy a table is, and what mends it. Reads metadata alone.
   *
   * @throws FirnException (not found) where there is no such table
   */
  public Diagnosis examine(String table) {
    Site site = site("examine", table);
    Instant now = place.ledger().now();
    return Diagnosis.of(
        new Watch(table).reader().read(site.name(), site.table(), site.metadata(), now),
        Keeper.policy(site),
        HistoryOf.table(place.ledger(), site.uuid()),
        now);
  }

  /** Returns whether other processes see leases, pauses and history. */
  public boolean shared() {
    return place.ledger().shared();
  }

  /** Pauses the tables that were named, or without any the whole catalog, for all processes. */
  public void pause() {
    pause(true);
  }

  /** Ends a pause of the tables that were named, or without any that of the whole catalog. */
  public void resume() {
    pause(false);
  }

  private void pause(boolean paused) {
    if (tables.isEmpty()) {
      place.ledger().pause(null, "all tables", paused);
    }
    for (String table : tables) {
      place.ledger().pause(site(paused ? "pause" : "resume", table).uuid(), table, paused);
    }
  }

  /** Returns whether the table, or the whole catalog, is paused. */
  public boolean isPaused(String table) {
    return place.ledger().isPaused(site("look up", table).uuid());
  }

  /** Returns what was done to the tables that were named, or to all, newest first. */
  public List<PerformedWork> history(int most) {
    if (tables.isEmpty()) {
      return place.ledger().history(null, most);
    }
    List<PerformedWork> all = new ArrayList<>();
    for (String table : tables) {
      all.addAll(place.ledger().history(site("look up", table).uuid(), most));
    }
    all.sort(Comparator.comparing(PerformedWork::endedAt).reversed());
    return all.subList(0, Math.min(most, all.size()));
  }

  private Site site(String verb, String table) {
    return place
        .open(table)
        .orElseThrow(
            () ->
                FirnException.notFound(
                    "Cannot %s the maintenance of %s: there is no such table; 'firn describe' lists the tables"
                        .formatted(verb, table)));
  }

  List<String> names(Workplace of) {
    return tables.isEmpty() ? of.tables() : tables;
  }

  Duration interval() {
    return interval;
  }

  int threads() {
    return threads;
  }

  Duration lease() {
    return lease;
  }

  Consumer<PerformedWork> listener() {
    return listener;
  }
}
