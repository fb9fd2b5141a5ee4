package dev.firn.cli.run;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Turns Ctrl-C and SIGTERM into an orderly end: the command is asked to stop at its next row, is
 * interrupted where it does not (it waits for input), and the process lives until it has cleaned up
 * or {@link #PATIENCE_SECONDS} have passed. Thread-safe.
 */
public final class Interruption {
  /** How long a command may take to notice before its thread is interrupted. */
  private static final long NOTICE_MILLIS = 1_500;

  private static final long PATIENCE_SECONDS = 30;

  private final Thread worker = Thread.currentThread();
  private final CountDownLatch finished = new CountDownLatch(1);
  private volatile boolean requested;

  /** Watches the calling thread: the one that runs the command. */
  public Interruption() {}

  /** Registers the shutdown hook that stops the command when the process is told to end. */
  public void listen() {
    Runtime.getRuntime().addShutdownHook(new Thread(this::stop, "firn-interrupt"));
  }

  /** Asks the command to stop, and waits until it has. */
  public void stop() {
    if (finished.getCount() == 0) {
      return;
    }
    requested = true;
    try {
      if (!finished.await(NOTICE_MILLIS, TimeUnit.MILLISECONDS)) {
        worker.interrupt();
        boolean clean = finished.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
        if (!clean) {
          System.err.println("firn: stopped before clean-up was complete");
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Returns whether the command should stop. */
  public boolean requested() {
    return requested;
  }

  /**
   * Called between rows by whatever may take long.
   *
   * @throws InterruptedCommand where the command should stop
   */
  public void check() {
    if (requested) {
      throw new InterruptedCommand();
    }
  }

  /** Tells that the command has ended, however it did. */
  public void finished() {
    finished.countDown();
  }
}
