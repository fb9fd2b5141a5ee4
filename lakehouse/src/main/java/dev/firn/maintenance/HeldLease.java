package dev.firn.maintenance;

import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A lease of one table while it is worked on: renewed by a thread of the executor's, lost where the
 * ledger says so, or does not answer for as long as the lease is. Released by {@link #close()}.
 * Thread-safe; borrows ledger and executor.
 */
final class HeldLease implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(HeldLease.class);

  private final WorkLedger ledger;
  private final String uuid;
  private final long epoch;
  private final Duration length;
  private final ScheduledFuture<?> renewals;
  private volatile long renewedNanos = System.nanoTime();
  private volatile @Nullable String lost;

  HeldLease(
      WorkLedger ledger,
      String uuid,
      long epoch,
      Duration length,
      ScheduledExecutorService executor) {
    this.ledger = ledger;
    this.uuid = uuid;
    this.epoch = epoch;
    this.length = length;
    long every = Math.max(1, length.toMillis() / 4);
    this.renewals =
        executor.scheduleWithFixedDelay(this::renew, every, every, TimeUnit.MILLISECONDS);
  }

  private void renew() {
    try {
      if (ledger.renew(uuid, epoch, length)) {
        renewedNanos = System.nanoTime();
      } else {
        lost = "the lease was lost, or maintenance was paused";
      }
    } catch (RuntimeException e) {
      LOG.warn("Cannot renew a lease of maintenance, which may be lost: {}", e.toString());
    }
  }

  /** Returns why work must stop; null where it may go on. */
  @Nullable String lost() {
    if (lost == null && System.nanoTime() - renewedNanos > length.toNanos()) {
      lost = "the lease ran out, since the catalog's database did not answer";
    }
    return lost;
  }

  @Override
  public void close() {
    renewals.cancel(false);
    try {
      ledger.release(uuid, epoch);
    } catch (RuntimeException e) {
      LOG.warn("Cannot release a lease of maintenance, which will run out: {}", e.toString());
    }
  }
}
