package dev.firn.catalog.intent;

import dev.firn.catalog.jdbc.Sessions;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This process as the ledger knows it: begun by its first write, renewed by a thread of its own,
 * ended by {@link #close()}. Thread-safe.
 *
 * <p>A process that was taken for dead (it slept, or the database was away) begins another session
 * with its next write; the commits of what it wrote before are refused by the swap.
 */
final class Session implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Session.class);

  private final Sessions sessions;
  private final Lease lease;
  private @Nullable UUID id;
  private @Nullable ScheduledExecutorService renewals;
  private boolean closed;

  Session(Sessions sessions, Lease lease) {
    this.sessions = sessions;
    this.lease = lease;
  }

  /** Returns the session's id, beginning one where there is none. */
  synchronized UUID id() {
    if (closed) {
      throw new IllegalStateException("Cannot write: the catalog is closed");
    }
    UUID current = id;
    if (current == null) {
      current = UUID.randomUUID();
      sessions.begin(current, owner(), lease.length());
      id = current;
      startRenewals();
    }
    return current;
  }

  /** Notes that the database no longer knows the session. */
  synchronized void lost(UUID session) {
    if (session.equals(id)) {
      LOG.warn(
          "Session {} of this process was taken for dead: what it wrote and did not commit is"
              + " refused",
          session);
      id = null;
    }
  }

  private void startRenewals() {
    if (renewals == null) {
      ScheduledExecutorService thread =
          Executors.newSingleThreadScheduledExecutor(
              work -> {
                Thread made = new Thread(work, "firn-session");
                made.setDaemon(true);
                return made;
              });
      long millis = lease.renewal().toMillis();
      var unused =
          thread.scheduleWithFixedDelay(this::renew, millis, millis, TimeUnit.MILLISECONDS);
      renewals = thread;
    }
  }

  private void renew() {
    UUID current = current();
    if (current == null) {
      return;
    }
    try {
      if (!sessions.renew(current, lease.length())) {
        lost(current);
      }
    } catch (RuntimeException e) {
      // The next renewal may get through; if none does, the swap refuses what was swept.
      LOG.warn("Cannot renew the session of this process: {}", e.toString());
    }
  }

  private synchronized @Nullable UUID current() {
    return id;
  }

  /** Ends the session; where the database does not answer, its lease ends by itself. */
  @Override
  public void close() {
    stopRenewals();
    UUID last = last();
    if (last == null) {
      return;
    }
    try {
      sessions.end(last);
    } catch (RuntimeException e) {
      LOG.warn(
          "Cannot end the session of this process, whose lease will run out: {}", e.toString());
    }
  }

  private synchronized @Nullable UUID last() {
    closed = true;
    UUID last = id;
    id = null;
    return last;
  }

  private void stopRenewals() {
    ScheduledExecutorService thread = renewalThread();
    if (thread == null) {
      return;
    }
    // A renewal under way uses the database, which is closed next.
    thread.shutdown();
    try {
      if (!thread.awaitTermination(lease.length().toMillis(), TimeUnit.MILLISECONDS)) {
        thread.shutdownNow();
      }
    } catch (InterruptedException e) {
      thread.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }

  private synchronized @Nullable ScheduledExecutorService renewalThread() {
    ScheduledExecutorService thread = renewals;
    renewals = null;
    return thread;
  }

  private static String owner() {
    String host;
    try {
      host = InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      host = "unknown host";
    }
    return "pid " + ProcessHandle.current().pid() + " on " + host;
  }
}
