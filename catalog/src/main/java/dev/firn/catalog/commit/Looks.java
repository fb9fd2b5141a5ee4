package dev.firn.catalog.commit;

import dev.firn.format.write.CommitTurn;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.apache.iceberg.catalog.TableIdentifier;

/**
 * Who is making changes of what tables showed, and who is about to replace what they show.
 * Thread-safe.
 *
 * <p>How it works: a claim waits for the looks that began a moment ago, and looks that come wait
 * for the claim. So neither is in vain. Both waits are bounded, and nothing but time depends on
 * them: who commits is checked for conflicts all the same.
 */
final class Looks {
  /** A look that goes on for longer is long: no claim waits for it any more. */
  private static final Duration MOMENT = Duration.ofMillis(250);

  /** How long a look waits for claims. */
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(1);

  /** A claim that has not ended by then keeps nobody waiting. */
  private static final Duration LONGEST_CLAIM = Duration.ofSeconds(10);

  private final LongSupplier nanoTime;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition ended = lock.newCondition();
  private final Set<Entry> looks = new HashSet<>();
  private final Set<Entry> claims = new HashSet<>();

  Looks() {
    this(System::nanoTime);
  }

  /** By another clock than the system's, which may stand still. */
  Looks(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  /** Begins a look, once no claim is in its way. An interrupted thread waits no longer. */
  CommitTurn.Look look(TableIdentifier table) {
    lock.lock();
    try {
      long until = nanoTime.getAsLong() + LONGEST_WAIT.toNanos();
      awaitWhile(() -> Math.min(left(claims, table, LONGEST_CLAIM), until - nanoTime.getAsLong()));
      return begin(looks, table);
    } catch (InterruptedException e) {
      // It is for whoever looks to end.
      Thread.currentThread().interrupt();
      return begin(looks, table);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Begins a claim, and waits for the looks that began a moment ago.
   *
   * @throws CancellationException where the thread is interrupted as it waits
   */
  CommitTurn.Look claim(TableIdentifier table) {
    lock.lock();
    try {
      Entry claim = begin(claims, table);
      try {
        awaitWhile(() -> left(looks, table, MOMENT));
      } catch (InterruptedException e) {
        claim.close();
        Thread.currentThread().interrupt();
        CancellationException cancelled =
            new CancellationException("Cannot wait for the lane: the thread was interrupted");
        cancelled.initCause(e);
        throw cancelled;
      }
      return claim;
    } finally {
      lock.unlock();
    }
  }

  private Entry begin(Set<Entry> entries, TableIdentifier table) {
    Entry entry = new Entry(entries, table, nanoTime.getAsLong());
    entries.add(entry);
    return entry;
  }

  private void awaitWhile(LongSupplier nanosLeft) throws InterruptedException {
    for (long left = nanosLeft.getAsLong(); left > 0; left = nanosLeft.getAsLong()) {
      long unused = ended.awaitNanos(left);
    }
  }

  /** Returns for how many nanoseconds more one of a table is not older than {@code age}. */
  private long left(Set<Entry> entries, TableIdentifier table, Duration age) {
    long now = nanoTime.getAsLong();
    return entries.stream()
        .filter(entry -> entry.table.equals(table))
        .mapToLong(entry -> age.toNanos() - (now - entry.begun))
        .max()
        .orElse(0);
  }

  private final class Entry implements CommitTurn.Look {
    private final Set<Entry> entries;
    private final TableIdentifier table;
    private final long begun;

    private Entry(Set<Entry> entries, TableIdentifier table, long begun) {
      this.entries = entries;
      this.table = table;
      this.begun = begun;
    }

    @Override
    public void close() {
      lock.lock();
      try {
        entries.remove(this);
        ended.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }
}
