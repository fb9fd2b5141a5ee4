package dev.firn.compaction.work;

import java.util.Iterator;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Runs tasks in the calling thread and on what threads an executor has to spare. One {@link #run}
 * at a time.
 */
public final class Crew {
  private final Executor executor;
  private final int threads;
  private int atWork;
  private boolean ended;
  private volatile boolean stopped;
  private @Nullable RuntimeException failure;

  /** Borrows the executor; {@code threads} counts the calling one. */
  public Crew(Executor executor, int threads) {
    this.executor = executor;
    this.threads = threads;
  }

  /** Whether tasks at work should end soon. */
  public boolean isStopped() {
    return stopped;
  }

  /**
   * Runs them all, taken one by one as there is a thread for them; {@code between} runs in the
   * calling thread now and then. The first failure ends it, once no task is at work any more.
   */
  public void run(Iterator<Runnable> tasks, Runnable between) {
    synchronized (this) {
      ended = false;
    }
    for (int i = 1; i < threads; i++) {
      try {
        executor.execute(() -> help(tasks));
      } catch (RejectedExecutionException e) {
        // The calling thread does it all.
        break;
      }
    }
    try {
      for (Runnable task = next(tasks); task != null; task = next(tasks)) {
        task.run();
        between.run();
      }
    } catch (RuntimeException e) {
      fail(e);
    } finally {
      await();
    }
    synchronized (this) {
      if (failure != null) {
        throw failure;
      }
    }
    between.run();
  }

  private void help(Iterator<Runnable> tasks) {
    synchronized (this) {
      if (ended) {
        return;
      }
      atWork++;
    }
    try {
      for (Runnable task = next(tasks); task != null; task = next(tasks)) {
        task.run();
      }
    } catch (RuntimeException e) {
      fail(e);
    } finally {
      synchronized (this) {
        atWork--;
        notifyAll();
      }
    }
  }

  private synchronized @Nullable Runnable next(Iterator<Runnable> tasks) {
    return !stopped && tasks.hasNext() ? tasks.next() : null;
  }

  private synchronized void fail(RuntimeException e) {
    if (failure == null) {
      failure = e;
    }
    stopped = true;
  }

  private void await() {
    boolean interrupted = false;
    synchronized (this) {
      ended = true;
      while (atWork > 0) {
        try {
          wait();
        } catch (InterruptedException e) {
          interrupted = true;
          stopped = true;
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
