package dev.firn.format.parquet.write;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Runs numbered tasks on the calling thread and on up to {@code threads} threads of an executor,
 * and waits for all. Confined to the thread that calls it.
 */
public final class Parallel {
  /** Runs one of the tasks as one of the workers. */
  public interface Task {
    void run(int task, int worker);
  }

  private final Executor executor;
  private final int threads;

  public Parallel(Executor executor, int threads) {
    if (threads < 0) {
      throw new IllegalArgumentException("threads: expected 0 or more, got " + threads);
    }
    this.executor = executor;
    this.threads = threads;
  }

  /** The most workers there are at once, numbered from 0. */
  public int workers() {
    return threads + 1;
  }

  /** Runs tasks 0 to {@code count}; the first failure is thrown after all have ended. */
  public void run(int count, Task task) {
    if (threads == 0) {
      for (int i = 0; i < count; i++) {
        task.run(i, 0);
      }
      return;
    }
    Shared shared = new Shared(count, task);
    int helpers = Math.min(threads, count - 1);
    for (int worker = 1; worker <= helpers; worker++) {
      start(shared, worker);
    }
    shared.work(0);
    shared.await();
    Throwable failure = shared.failure.get();
    if (failure instanceof Error error) {
      throw error;
    }
    if (failure instanceof RuntimeException unchecked) {
      throw unchecked;
    }
  }

  private void start(Shared shared, int worker) {
    try {
      executor.execute(() -> shared.work(worker));
    } catch (RejectedExecutionException e) {
      // A full or closed executor: the work is done by those there are.
    }
  }

  /** What the workers of one run share. */
  private static final class Shared {
    private final int count;
    private final Task task;
    private final AtomicInteger next = new AtomicInteger();
    private final CountDownLatch left;
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

    Shared(int count, Task task) {
      this.count = count;
      this.task = task;
      this.left = new CountDownLatch(count);
    }

    void work(int worker) {
      for (int i = next.getAndIncrement(); i < count; i = next.getAndIncrement()) {
        try {
          if (failure.get() == null) {
            task.run(i, worker);
          }
        } catch (RuntimeException | Error e) {
          failure.compareAndSet(null, e);
        } finally {
          left.countDown();
        }
      }
    }

    /**
     * Waits for the tasks begun, not for helpers that never came. Memory of the columns must not go
     * while a helper is at it, so an interrupt only waits to be seen.
     */
    void await() {
      boolean interrupted = false;
      while (true) {
        try {
          left.await();
          break;
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
