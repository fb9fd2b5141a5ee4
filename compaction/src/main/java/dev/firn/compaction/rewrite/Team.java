package dev.firn.compaction.rewrite;

import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** The threads that help the one that rewrites. Owns them. */
final class Team implements AutoCloseable {
  private final @Nullable ThreadPoolExecutor pool;
  private final int helpers;

  /** {@code threads} with the caller's. */
  Team(int threads) {
    this.helpers = threads - 1;
    this.pool = helpers == 0 ? null : pool(helpers);
  }

  private static ThreadPoolExecutor pool(int threads) {
    AtomicInteger number = new AtomicInteger();
    ThreadPoolExecutor made =
        new ThreadPoolExecutor(
            threads,
            threads,
            10,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            task -> {
              Thread thread = new Thread(task, "firn-rewrite-" + number.incrementAndGet());
              thread.setDaemon(true);
              return thread;
            });
    made.allowCoreThreadTimeOut(true);
    return made;
  }

  /** Where the helpers are; it refuses where there are none. */
  Executor executor() {
    Executor helping = pool;
    return helping != null
        ? helping
        : task -> {
          throw new RejectedExecutionException("there are no helpers");
        };
  }

  int helpers() {
    return helpers;
  }

  /** Idempotent. What is at work ends by itself: nobody waits for it any more. */
  @Override
  public void close() {
    if (pool != null) {
      pool.shutdown();
    }
  }
}
