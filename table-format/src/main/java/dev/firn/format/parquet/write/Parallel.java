package dev.firn.format.parquet.write;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Runs numbered tasks on the calling thread and on up to {@code threads} threads of an executor,
 * and waits for all. Confined to the thread that calls it.
 */
final class Parallel {
  /** Runs one of the tasks as one of the workers. */
  interface Task {
    void run(int task, int worker);
  }

  private final Executor executor;
  private final int threads;

  Parallel(Executor executor, int threads) {
    if (threads < 0) {
      throw new IllegalArgumentException("threads: expected 0 or more, got " + threads);
    }
    this.executor = executor;
    this.threads = threads;
  }

  /** The most workers there are at once, numbered from 0. */
  int workers() {
    return threads + 1;
  }

  /** Runs tasks 0 to {@code count}; the first failure is thrown after all have ended. */
  void run(int count, Task task) {
    if (threads == 0) {
      for (int i = 0; i < count; i++) {
        task.run(i, 0);
      }
      return;
    }
    Shared shared = new Shared(count, task);
    int helpers = Math.min(threads, count - 1);
    CountDownLatch done = new CountDownLatch(Math.max(0, helpers));
    for (int worker = 1; worker <= helpers; worker++) {
      start(shared, worker, done);
    }
    shared.work(0);
    await(done);
    RuntimeException failure = shared.failure.get();
    if (failure != null) {
      throw failure;
    }
  }

  private void start(Shared shared, int worker, CountDownLatch done) {
    try {
      executor.execute(
          () -> {
            try {
              shared.work(worker);
            } finally {
              done.countDown();
            }
          });
    } catch (RuntimeException e) {
      // A full or closed executor: the work is done here.
      done.countDown();
    }
  }

  // Memory of the columns must not go while a helper is at it, so an interrupt only waits to be
  // seen.
  private static void await(CountDownLatch done) {
    boolean interrupted = false;
    while (true) {
      try {
        done.await();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** What the workers of one run share. */
  private static final class Shared {
    private final int count;
    private final Task task;
    private final AtomicInteger next = new AtomicInteger();
    private final AtomicReference<@Nullable RuntimeException> failure = new AtomicReference<>();

    Shared(int count, Task task) {
      this.count = count;
      this.task = task;
    }

    void work(int worker) {
      int i = next.getAndIncrement();
      while (i < count && failure.get() == null) {
        try {
          task.run(i, worker);
        } catch (RuntimeException e) {
          failure.compareAndSet(null, e);
        }
        i = next.getAndIncrement();
      }
    }
  }
}
