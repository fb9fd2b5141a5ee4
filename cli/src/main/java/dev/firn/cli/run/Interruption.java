package dev.firn.cli.run;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Turns Ctrl-C and SIGTERM into an orderly end: the command is asked to stop at its next row, and
 * is interrupted where it does not (it waits for input). A second signal ends the process at once.
 * Thread-safe.
 */
public final class Interruption {
  /** How long a command may take to notice before its thread is interrupted. */
  private static final long NOTICE_MILLIS = 1_000;

  /** What shells add to a signal's number. */
  private static final int SIGNAL_BASE = 128;

  private final Thread worker = Thread.currentThread();
  private final CountDownLatch finished = new CountDownLatch(1);
  private volatile boolean requested;
  private volatile boolean shielded;
  private volatile Runnable cancel = () -> {};
  private volatile int signal = ExitCode.INTERRUPTED.code() - SIGNAL_BASE;

  /** Watches the calling thread: the one that runs the command. */
  public Interruption() {}

  /** Listens to the process's signals from now on. */
  public void listen() {
    if (!Signals.listen(this::received)) {
      Runtime.getRuntime().addShutdownHook(new Thread(this::stopAndWait, "firn-interrupt"));
    }
  }

  private void received(int number) {
    if (requested) {
      Runtime.getRuntime().halt(SIGNAL_BASE + number);
    }
    signal = number;
    stop();
  }

  private void stopAndWait() {
    if (finished.getCount() > 0) {
      stop();
      try {
        finished.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Asks the command to stop, and interrupts it where it has not after a moment. */
  public void stop() {
    requested = true;
    cancel.run();
    Thread impatience = new Thread(this::interruptLater, "firn-impatience");
    impatience.setDaemon(true);
    impatience.start();
  }

  private void interruptLater() {
    try {
      if (!finished.await(NOTICE_MILLIS, TimeUnit.MILLISECONDS) && !shielded) {
        worker.interrupt();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Returns whether the command should stop. */
  public boolean requested() {
    return requested;
  }

  /** Returns the exit code of a process ended by the signal received: 130 or 143. */
  public int exitCode() {
    return SIGNAL_BASE + signal;
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

  /** Has {@code action} run, on another thread, when the command should stop. */
  void onStop(Runnable action) {
    cancel = action;
    check();
  }

  /**
   * From now on the command's thread is left alone: it commits.
   *
   * @throws InterruptedCommand where it should have stopped already
   */
  void shield() {
    check();
    shielded = true;
  }

  /** Tells that the command has ended, however it did. */
  public void finished() {
    finished.countDown();
  }
}
