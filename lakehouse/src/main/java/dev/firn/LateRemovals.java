package dev.firn;

import dev.firn.catalog.intent.WriteIntent;
import dev.firn.compaction.FileRemoval;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets files of expired snapshots be for a while, since a snapshot may expire seconds after it was
 * the newest, and others still read it. What waits is in the ledger of write intents, so that a
 * sweep removes it where this process ends before. Thread-safe; borrows the executor.
 */
final class LateRemovals {
  private static final Logger LOG = LoggerFactory.getLogger(LateRemovals.class);

  /** More names than that are not remembered: those that come then are removed at once. */
  private static final int MOST_WAITING = 100_000;

  private final ScheduledExecutorService executor;
  private final Clock clock;
  private final Duration after;
  private final AtomicInteger waiting = new AtomicInteger();

  /** {@code after} is how long a reader may take, from when what it reads was replaced. */
  LateRemovals(ScheduledExecutorService executor, Clock clock, Duration after) {
    this.executor = executor;
    this.clock = clock;
    this.after = after;
  }

  /** Of one table, for whose files {@code intents} makes records. */
  FileRemoval of(Supplier<WriteIntent> intents) {
    return (replaced, files, removal) -> {
      long wait = Duration.between(clock.instant(), replaced.plus(after)).toMillis();
      if (wait <= 0 || files.isEmpty()) {
        removal.run();
      } else if (waiting.addAndGet(files.size()) > MOST_WAITING) {
        waiting.addAndGet(-files.size());
        LOG.warn("Files of expired snapshots are removed early: {} wait already", MOST_WAITING);
        removal.run();
      } else {
        later(wait, files, removal, intents.get());
      }
    };
  }

  private void later(long millis, List<String> files, Runnable removal, WriteIntent intent) {
    intent.creating(files);
    Runnable recorded =
        () -> {
          waiting.addAndGet(-files.size());
          removal.run();
          intent.removed(files);
          intent.close();
        };
    try {
      // What the removal does not catch is of no use to anybody later.
      var unused = executor.schedule(recorded, millis, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      LOG.debug("Closing: a sweep is to remove {} files of expired snapshots", files.size(), e);
    }
  }
}
