package dev.firn.catalog.commit;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.apache.iceberg.catalog.TableIdentifier;
import org.jspecify.annotations.Nullable;

/**
 * The lanes of a catalog, one for each table that has something to do, and the threads that run
 * them. Thread-safe; owns its threads, at most {@value #THREADS} and a timer, which end when idle.
 */
final class Lanes implements AutoCloseable {
  private static final int THREADS = 8;
  private static final long IDLE_SECONDS = 10;

  private final ConcurrentHashMap<TableIdentifier, Lane> lanes = new ConcurrentHashMap<>();
  private final ThreadPoolExecutor threads;
  private final ScheduledThreadPoolExecutor timer;
  private final BiConsumer<TableIdentifier, List<Member>> run;
  private volatile boolean closed;

  /** {@code run} brings a group to its outcome, and does not throw. */
  Lanes(BiConsumer<TableIdentifier, List<Member>> run) {
    this.run = run;
    this.threads =
        new ThreadPoolExecutor(
            THREADS,
            THREADS,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            named("firn-commit-"));
    threads.allowCoreThreadTimeOut(true);
    this.timer = new ScheduledThreadPoolExecutor(1, named("firn-commit-timer-"));
    timer.setKeepAliveTime(IDLE_SECONDS, TimeUnit.SECONDS);
    timer.allowCoreThreadTimeOut(true);
    timer.setRemoveOnCancelPolicy(true);
  }

  static ThreadFactory named(String prefix) {
    AtomicInteger number = new AtomicInteger();
    return task -> {
      Thread thread = new Thread(task, prefix + number.incrementAndGet());
      thread.setDaemon(true);
      return thread;
    };
  }

  /** Puts a member into the table's lane; as {@link Lane#put}. */
  Lane put(TableIdentifier table, Member member) {
    return on(table, lane -> lane.put(member) ? lane : null);
  }

  /** Begins a section of the table's lane; as {@link Lane#hold}. */
  Lane.Hold hold(TableIdentifier table, @Nullable Duration atMost) {
    return on(table, lane -> lane.hold(atMost));
  }

  /** Does something with the table's lane, again with a new one where it had been forgotten. */
  private <T> T on(TableIdentifier table, Function<Lane, @Nullable T> use) {
    while (true) {
      Lane lane = lanes.computeIfAbsent(table, key -> new Lane(new Threads(key)));
      // After it is in the map: whoever closes sees the lane, or is seen here.
      if (closed) {
        lanes.remove(table, lane);
        throw new FirnException(
            ErrorKind.UNAVAILABLE, "Cannot commit: the catalog has been closed; open it again");
      }
      T used = use.apply(lane);
      if (used != null) {
        return used;
      }
    }
  }

  /** Brings all that waits to its outcome, and ends the threads. */
  @Override
  public void close() {
    closed = true;
    // A lane that was made just before is seen here, or takes nothing.
    while (!lanes.isEmpty()) {
      lanes.values().forEach(Lane::close);
    }
    timer.shutdownNow();
    threads.shutdown();
    boolean interrupted = false;
    while (!threads.isTerminated()) {
      try {
        threads.awaitTermination(1, TimeUnit.MINUTES);
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private final class Threads implements Lane.Host {
    private final TableIdentifier table;

    Threads(TableIdentifier table) {
      this.table = table;
    }

    @Override
    public void start(Lane lane, List<Member> group) {
      threads.execute(
          () -> {
            try {
              run.accept(table, group);
            } finally {
              lane.done();
            }
          });
    }

    @Override
    public void wakeAfter(Lane lane, long nanos) {
      Future<?> unused = timer.schedule(lane::wake, nanos, TimeUnit.NANOSECONDS);
    }

    @Override
    public void endAfter(Lane.Hold hold, Duration atMost) {
      Future<?> unused = timer.schedule(hold::close, atMost.toNanos(), TimeUnit.NANOSECONDS);
    }

    @Override
    public void forget(Lane lane) {
      lanes.remove(table, lane);
    }
  }
}
