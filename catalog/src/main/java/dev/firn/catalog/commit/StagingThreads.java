package dev.firn.catalog.commit;

import java.util.concurrent.Executor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The threads that stage tables of one transaction side by side. Most of it is waiting for a store;
 * where all are busy the caller works itself. Owns the threads, which end when idle.
 */
final class StagingThreads implements Executor, AutoCloseable {
  private static final int MOST = 8;
  private static final int IDLE_SECONDS = 10;

  private final AtomicInteger made = new AtomicInteger();
  private final ThreadPoolExecutor threads =
      new ThreadPoolExecutor(
          0,
          MOST,
          IDLE_SECONDS,
          TimeUnit.SECONDS,
          new SynchronousQueue<>(),
          this::thread,
          (work, pool) -> work.run());

  private Thread thread(Runnable work) {
    Thread thread = new Thread(work, "firn-staging-" + made.incrementAndGet());
    thread.setDaemon(true);
    return thread;
  }

  @Override
  public void execute(Runnable work) {
    threads.execute(work);
  }

  @Override
  public void close() {
    threads.shutdown();
  }
}
