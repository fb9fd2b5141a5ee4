package dev.firn.storage.local;

import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Has what was written of a file brought to disk while more is written, so that little is left for
 * the end: one file at a time, in one thread for all. Thread-safe.
 */
final class WriteBehind {
  private static final ThreadPoolExecutor THREAD = thread();

  private final Force force;
  private boolean asked;
  private boolean busy;
  private @Nullable IOException failure;

  /** Brings to disk what was written of a file. */
  interface Force {
    void run() throws IOException;
  }

  WriteBehind(Force force) {
    this.force = force;
  }

  private static ThreadPoolExecutor thread() {
    ThreadPoolExecutor made =
        new ThreadPoolExecutor(
            1,
            1,
            10,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            task -> {
              Thread thread = new Thread(task, "firn-write-behind");
              thread.setDaemon(true);
              return thread;
            });
    made.allowCoreThreadTimeOut(true);
    return made;
  }

  /** Asks for all that was written so far; does not wait. */
  synchronized void ask() {
    if (!asked && !busy) {
      asked = true;
      THREAD.execute(this::run);
    }
  }

  private void run() {
    synchronized (this) {
      if (!asked) {
        return;
      }
      asked = false;
      busy = true;
    }
    IOException thrown = null;
    try {
      force.run();
    } catch (ClosedChannelException e) {
      // The file was given up.
    } catch (IOException e) {
      thrown = e;
    } catch (RuntimeException e) {
      thrown = new IOException(e);
    } finally {
      ended(thrown);
    }
  }

  private synchronized void ended(@Nullable IOException thrown) {
    busy = false;
    failure = thrown == null ? failure : thrown;
    notifyAll();
  }

  /**
   * Takes back what was asked for and not begun, waits for what was, and fails as that did: a
   * system tells a file only once that it could not be written.
   */
  synchronized void settle() throws IOException {
    asked = false;
    boolean interrupted = false;
    while (busy) {
      try {
        wait();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    if (failure != null) {
      throw failure;
    }
  }
}
