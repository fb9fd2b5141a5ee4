package dev.firn.maintenance;

import dev.firn.compaction.policy.DueWork;
import dev.firn.compaction.policy.MaintenancePolicy;
import dev.firn.compaction.policy.TableHealth;
import dev.firn.error.FirnException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at tables and does what is due, in the calling thread. Thread-safe for different tables.
 * Owns a thread that renews leases, which is there while something is worked on.
 *
 * <p>How it works: what is due is decided from metadata, without a lease. Where something is, the
 * lease is taken, the shared history read, and the decision made again, since another process may
 * have come first; then one piece of work is done, recorded, and decided again.
 */
final class Keeper implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Keeper.class);
  private static final int MOST_PIECES = 16;
  private static final long IDLE_SECONDS = 10;

  private final Workplace place;
  private final Duration lease;
  private final BooleanSupplier stopping;
  private final Consumer<PerformedWork> listener;
  private final Counters counters = new Counters();
  private final ScheduledThreadPoolExecutor renewals;

  /** {@code stopping} is asked often, and has work given up. */
  Keeper(
      Workplace place, Duration lease, BooleanSupplier stopping, Consumer<PerformedWork> listener) {
    this.place = place;
    this.lease = lease;
    this.stopping = stopping;
    this.listener = listener;
    this.renewals = new ScheduledThreadPoolExecutor(1, Threads.named("firn-maintenance-lease"));
    renewals.setKeepAliveTime(IDLE_SECONDS, TimeUnit.SECONDS);
    renewals.allowCoreThreadTimeOut(true);
    renewals.setRemoveOnCancelPolicy(true);
  }

  /**
   * What a visit found.
   *
   * @param exists whether there is such a table
   * @param pieces how many pieces of work were done
   * @param contended whether work was due and another process has the table, or it is paused
   * @param commitsPerMinute how often others commit to it
   * @param minFiles how many files the table's policy waits for
   */
  record Visit(
      boolean exists, int pieces, boolean contended, double commitsPerMinute, int minFiles) {}

  private record Look(Instant at, MaintenancePolicy policy, TableHealth health, List<DueWork> due) {
    Visit visit(int pieces, boolean contended) {
      return new Visit(true, pieces, contended, health.commitsPerMinute(), policy.minFiles());
    }
  }

  Counters counters() {
    return counters;
  }

  /** Returns what is due, by the shared history. */
  List<DueWork> plan(Watch watch) {
    Optional<Site> site = place.open(watch.table());
    if (site.isEmpty()) {
      return List.of();
    }
    watch.isNew(site.get().uuid());
    watch.history(HistoryOf.table(place.ledger(), site.get().uuid()));
    return look(watch, site.get()).due();
  }

  /** Does what is due. What fails is recorded; other failures leave. */
  Visit visit(Watch watch) {
    counters.looked();
    Optional<Site> site = place.open(watch.table());
    if (site.isEmpty()) {
      return new Visit(false, 0, false, 0, 1);
    }
    String uuid = site.get().uuid();
    if (watch.isNew(uuid)) {
      watch.history(HistoryOf.table(place.ledger(), uuid));
    }
    Look look = look(watch, site.get());
    watch.looked(look.at());
    if (look.due().isEmpty() || stopping.getAsBoolean()) {
      return look.visit(0, false);
    }
    OptionalLong epoch = place.ledger().acquire(uuid, watch.table(), lease);
    if (epoch.isEmpty()) {
      return look.visit(0, true);
    }
    try (HeldLease held = new HeldLease(place.ledger(), uuid, epoch.getAsLong(), lease, renewals)) {
      return work(watch, uuid, held, look);
    }
  }

  private Visit work(Watch watch, String uuid, HeldLease held, Look first) {
    Look look = first;
    int pieces = 0;
    while (pieces < MOST_PIECES && !stopping.getAsBoolean() && held.lost() == null) {
      watch.history(HistoryOf.table(place.ledger(), uuid));
      Optional<Site> site = place.open(watch.table());
      if (site.isEmpty() || !site.get().uuid().equals(uuid)) {
        break;
      }
      look = look(watch, site.get());
      if (look.due().isEmpty()) {
        break;
      }
      run(watch, site.get(), look.due().get(0), held);
      pieces++;
    }
    watch.looked(place.ledger().now());
    return look.visit(pieces, false);
  }

  /** Returns what the table's properties ask for; what is wrong with them names the table. */
  static MaintenancePolicy policy(Site site) {
    try {
      return MaintenancePolicy.of(site.table().properties());
    } catch (FirnException e) {
      throw FirnException.invalid(
          "Cannot maintain %s: %s; set or drop it ('firn evolve properties')"
              .formatted(site.name(), e.getMessage()));
    }
  }

  private Look look(Watch watch, Site site) {
    MaintenancePolicy policy = policy(site);
    Instant now = place.ledger().now();
    TableHealth health = watch.reader().read(site.name(), site.table(), site.metadata(), now);
    List<DueWork> due = new ArrayList<>(DueWork.of(health, policy, watch.history(), now));
    due.removeIf(work -> !site.can(work.kind()));
    return new Look(now, policy, health, due);
  }

  private void run(Watch watch, Site site, DueWork work, HeldLease held) {
    long started = System.nanoTime();
    long[] bytes = new long[1];
    Outcome outcome;
    String detail;
    watch.working(work, 0, 0);
    try {
      Result result =
          site.run(
              work,
              (done, total, rows) -> {
                bytes[0] = done;
                watch.working(work, done, total);
                check(held);
              });
      outcome = result.changed() ? Outcome.DONE : Outcome.NOTHING;
      detail = Detail.of(result.detail());
    } catch (RuntimeException e) {
      String why = givenUp(held);
      outcome = why == null ? Outcome.FAILED : Outcome.ABANDONED;
      detail = why == null ? Detail.ofFailure(e) : Detail.of(Map.of("reason", why));
      if (why == null) {
        LOG.warn("Maintenance of {} failed: {}", site.name(), work.kind().word(), e);
      }
    }
    Duration took = Duration.ofNanos(System.nanoTime() - started);
    counters.ended(outcome, took, bytes[0]);
    String kind = work.kind().word();
    place.ledger().record(site.uuid(), site.name(), kind, took, outcome, detail);
    Instant ended = place.ledger().now();
    listener.accept(
        new PerformedWork(site.name(), kind, ended.minus(took), ended, outcome.word(), detail));
  }

  private void check(HeldLease held) {
    String why = givenUp(held);
    if (why != null) {
      throw new WorkAbandoned(why);
    }
  }

  /** Returns why work is to be given up, or null. */
  private @Nullable String givenUp(HeldLease held) {
    return stopping.getAsBoolean() ? "the service stops, or is paused" : held.lost();
  }

  @Override
  public void close() {
    renewals.shutdownNow();
  }
}
