package dev.firn.scan;

import dev.firn.error.FirnException;
import java.util.ArrayList;
import java.util.List;

/**
 * Ends scans from another thread: whatever reads with it fails with kind UNAVAILABLE once it is
 * cancelled, at its next batch, or, within one that takes long, after some thousands of rows or the
 * store's next answer. Thread-safe. What was opened is closed by its owner, as ever.
 */
public final class Cancellation {
  /** Never cancelled. */
  static final Cancellation NEVER = new Cancellation();

  private final List<Runnable> listeners = new ArrayList<>();
  private volatile boolean cancelled;

  /** Cancels; again does nothing. */
  public void cancel() {
    List<Runnable> told;
    synchronized (listeners) {
      cancelled = true;
      told = List.copyOf(listeners);
    }
    told.forEach(Runnable::run);
  }

  public boolean isCancelled() {
    return cancelled;
  }

  /** {@code listener} is run by whoever cancels. */
  void listen(Runnable listener) {
    if (this != NEVER) {
      synchronized (listeners) {
        listeners.add(listener);
      }
    }
  }

  void forget(Runnable listener) {
    synchronized (listeners) {
      listeners.remove(listener);
    }
  }

  void check() {
    if (cancelled) {
      throw FirnException.unavailable("Cannot go on with the scan: it was cancelled", null);
    }
  }
}
