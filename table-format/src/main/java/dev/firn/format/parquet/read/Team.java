package dev.firn.format.parquet.read;

import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Does something with each column, on the calling thread and, where an executor was given, on some
 * of its threads. The caller always works too and waits only for columns that a helper has begun,
 * so an executor that never runs a helper, or runs it in the call, is no obstacle. Confined to one
 * caller.
 */
final class Team {
  private final @Nullable Executor executor;
  private final int threads;

  /** Without helpers where {@code executor} is null or {@code threads} 0. */
  Team(@Nullable Executor executor, int threads) {
    this.executor = executor;
    this.threads = threads;
  }

  /** The executor to fetch ahead on; null: none. */
  @Nullable Executor executor() {
    return threads == 0 ? null : executor;
  }

  /** Returns when all is done; rethrows the first failure, after which nothing runs any more. */
  void each(List<Column> columns, Consumer<Column> work) {
    Executor helpers = executor();
    if (helpers == null || columns.size() < 2) {
      columns.forEach(work);
      return;
    }
    Run run = new Run(columns, work);
    int count = Math.min(threads, columns.size()) - 1;
    for (int i = 0; i < count; i++) {
      try {
        helpers.execute(run);
      } catch (RejectedExecutionException e) {
        break; // full, or closed: what there is does the rest
      }
    }
    run.run();
    run.await();
  }

  /** One round over the columns. Thread-safe. */
  private static final class Run implements Runnable {
    private final List<Column> columns;
    private final Consumer<Column> work;
    private final AtomicInteger next = new AtomicInteger();
    private int done;
    private @Nullable Throwable failure;

    Run(List<Column> columns, Consumer<Column> work) {
      this.columns = columns;
      this.work = work;
    }

    @Override
    public void run() {
      for (int i = next.getAndIncrement(); i < columns.size(); i = next.getAndIncrement()) {
        Throwable fault = failed() ? null : attempt(columns.get(i));
        finished(fault);
      }
    }

    @SuppressWarnings("CatchingUnchecked")
    private @Nullable Throwable attempt(Column column) {
      try {
        work.accept(column);
        return null;
      } catch (RuntimeException | Error e) {
        return e;
      }
    }

    private synchronized boolean failed() {
      return failure != null;
    }

    private synchronized void finished(@Nullable Throwable fault) {
      if (failure == null) {
        failure = fault;
      }
      if (++done == columns.size()) {
        notifyAll();
      }
    }

    /** An interrupt only waits to be seen: a helper may still write into the caller's memory. */
    synchronized void await() {
      boolean interrupted = false;
      while (done < columns.size()) {
        try {
          wait();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
      if (failure instanceof RuntimeException unchecked) {
        throw unchecked;
      }
      if (failure instanceof Error error) {
        throw error;
      }
    }
  }
}
