package dev.firn.catalog.commit;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * The threads that stage tables of one transaction side by side. Most of it is waiting for a store;
 * where all are busy the caller works itself. Owns the threads, which end when idle.
 */
final class StagingThreads implements AutoCloseable {
  private static final int MOST = 16;
  private static final int IDLE_SECONDS = 10;

  private final ThreadPoolExecutor threads =
      new ThreadPoolExecutor(
          0,
          MOST,
          IDLE_SECONDS,
          TimeUnit.SECONDS,
          new SynchronousQueue<>(),
          Lanes.named("firn-staging-"),
          (work, pool) -> work.run());

  /**
   * Does {@code work} for each of {@code all}, side by side, and returns the results in order.
   * Where some fail, the others still end, and then the first failure is thrown.
   */
  <T, R> List<R> all(List<T> all, Function<T, R> work) {
    if (all.size() == 1) {
      return List.of(work.apply(all.get(0)));
    }
    List<CompletableFuture<R>> begun = new ArrayList<>();
    for (T each : all) {
      begun.add(CompletableFuture.supplyAsync(() -> work.apply(each), threads));
    }
    RuntimeException failure = null;
    List<R> results = new ArrayList<>();
    for (CompletableFuture<R> each : begun) {
      try {
        results.add(each.join());
      } catch (CompletionException e) {
        RuntimeException cause = e.getCause() instanceof RuntimeException known ? known : e;
        if (failure == null) {
          failure = cause;
        } else if (failure != cause) {
          failure.addSuppressed(cause);
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
    return results;
  }

  @Override
  public void close() {
    threads.shutdown();
  }
}
