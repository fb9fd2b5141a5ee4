package dev.firn;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;
import org.apache.iceberg.catalog.TableIdentifier;

/** Runs transactions, and runs them again after conflicts. Thread-safe. */
final class Transactions {
  private static final long LONGEST_PAUSE_MILLIS = 200;

  /** Begins a transaction that looks at these tables together. */
  interface Begin {
    LakeTransaction begin(Set<TableIdentifier> look);
  }

  /** What a transaction came to. */
  record Ended<T>(T value, TransactionReceipt receipt) {}

  private final Begin begin;

  Transactions(Begin begin) {
    this.begin = begin;
  }

  <T> Ended<T> run(Set<TableIdentifier> look, int attempts, Function<LakeTransaction, T> work) {
    Set<TableIdentifier> looked = new LinkedHashSet<>(look);
    for (int attempt = 1; ; attempt++) {
      LakeTransaction transaction = begin.begin(looked);
      try {
        return once(transaction, work);
      } catch (RuntimeException e) {
        if (attempt == attempts || !again(transaction, e)) {
          throw e;
        }
      }
      // The next run sees at once, and so consistently, what this one found one by one.
      looked.addAll(transaction.looked());
      pause(attempt);
    }
  }

  private static <T> Ended<T> once(LakeTransaction transaction, Function<LakeTransaction, T> work) {
    TransactionReceipt receipt = null;
    boolean unknown = false;
    try {
      T value = work.apply(transaction);
      receipt = transaction.commit();
      return new Ended<>(value, receipt);
    } catch (FirnException e) {
      unknown = e.kind() == ErrorKind.COMMIT_STATE_UNKNOWN;
      throw e;
    } finally {
      if (receipt != null) {
        transaction.close(TransactionTable::committed);
      } else if (unknown) {
        transaction.close(TransactionTable::abandon);
      } else {
        transaction.close(TransactionTable::discard);
      }
    }
  }

  /**
   * Whether another run may succeed: only the commit itself, and a look at tables that moved, fail
   * by what others do.
   */
  private static boolean again(LakeTransaction transaction, RuntimeException error) {
    return transaction.stale() != null || error == transaction.lost();
  }

  private static void pause(int attempt) {
    try {
      Thread.sleep(
          ThreadLocalRandom.current().nextLong(Math.min(LONGEST_PAUSE_MILLIS, 4L << attempt)) + 1);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
