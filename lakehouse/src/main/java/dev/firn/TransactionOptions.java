package dev.firn;

import dev.firn.error.FirnException;
import java.util.List;

/**
 * How a transaction runs. Immutable.
 *
 * @param tables looked at together when it begins, so that it need not be run again to see them
 *     consistently; others may be touched too
 * @param attempts how often the function runs at most: once more after each conflict that cannot be
 *     resolved by making the same changes on newer metadata
 */
public record TransactionOptions(List<String> tables, int attempts) {
  private static final int ATTEMPTS = 5;

  /** No tables named, five attempts. */
  public static final TransactionOptions DEFAULT = new TransactionOptions(List.of(), ATTEMPTS);

  public TransactionOptions {
    tables = List.copyOf(tables);
    if (attempts < 1) {
      throw FirnException.invalid(
          "Cannot begin a transaction: expected at least 1 attempt, got " + attempts);
    }
  }

  public TransactionOptions tables(List<String> names) {
    return new TransactionOptions(names, attempts);
  }

  public TransactionOptions attempts(int most) {
    return new TransactionOptions(tables, most);
  }
}
