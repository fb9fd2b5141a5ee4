package dev.firn;

import dev.firn.scan.Decoding;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The threads that a lakehouse's scans share: daemons named {@code firn-scan-N}, started when
 * needed and ended when idle. Thread-safe.
 */
final class ScanThreads implements AutoCloseable {
  private static final int IDLE_SECONDS = 10;

  /** Work beyond waits in the threads that ask for it. */
  private static final int WAITING = 1024;

  private final int count;
  private final ThreadPoolExecutor executor;

  /** One thread less than {@code count}: whoever reads a scan is the other. */
  ScanThreads(int count) {
    AtomicInteger number = new AtomicInteger();
    this.count = count;
    int helpers = Math.max(1, count - 1);
    this.executor =
        new ThreadPoolExecutor(
            helpers,
            helpers,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(WAITING),
            work -> {
              Thread thread = new Thread(work, "firn-scan-" + number.incrementAndGet());
              thread.setDaemon(true);
              return thread;
            });
    executor.allowCoreThreadTimeOut(true);
  }

  Decoding decoding() {
    return count < 2 ? Decoding.INLINE : new Decoding(Decoding.DEFAULT_BATCH_ROWS, executor, count);
  }

  /** Scans that are still open go on in the threads that read them. */
  @Override
  public void close() {
    executor.shutdown();
  }
}
