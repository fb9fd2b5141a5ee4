package dev.firn.scan.plan;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;
import org.apache.iceberg.exceptions.RuntimeIOException;

/**
 * Results of a function over a list, in order, some of them made ahead on an executor. What no
 * thread of the executor has begun when it is asked for is made by who asks, so that an executor
 * that is busy, or shut down, costs time only. An iterator confined to one thread.
 */
final class Ahead<T, R> implements Iterator<R>, AutoCloseable {
  private final Iterator<T> rest;
  private final Function<T, R> function;
  private final Executor executor;
  private final int ahead;
  private final Deque<FutureTask<R>> begun = new ArrayDeque<>();

  /**
   * @param ahead how many results are made before they are asked for; 0: none
   */
  Ahead(List<T> list, Function<T, R> function, Executor executor, int ahead) {
    this.rest = list.iterator();
    this.function = function;
    this.executor = executor;
    this.ahead = ahead;
  }

  @Override
  public boolean hasNext() {
    return !begun.isEmpty() || rest.hasNext();
  }

  @Override
  public R next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    if (ahead == 0) {
      return function.apply(rest.next());
    }
    while (begun.size() <= ahead && rest.hasNext()) {
      T item = rest.next();
      begin(new FutureTask<>(() -> function.apply(item)));
    }
    FutureTask<R> first = begun.remove();
    // Does nothing where another thread has begun.
    first.run();
    return await(first);
  }

  private void begin(FutureTask<R> task) {
    // The first is for who asks.
    if (!begun.isEmpty()) {
      try {
        executor.execute(task);
      } catch (RejectedExecutionException e) {
        // Made when it is asked for, then.
      }
    }
    begun.add(task);
  }

  private static <R> R await(FutureTask<R> task) {
    try {
      return task.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RuntimeIOException("Cannot plan a scan: the thread was interrupted");
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      } else if (e.getCause() instanceof Error error) {
        throw error;
      }
      throw new IllegalStateException(e.getCause());
    }
  }

  /** Drops what no thread has begun. */
  @Override
  public void close() {
    begun.forEach(task -> task.cancel(false));
    begun.clear();
  }
}
