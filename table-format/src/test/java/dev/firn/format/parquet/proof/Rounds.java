package dev.firn.format.parquet.proof;

import java.util.function.LongConsumer;

/**
 * Random rounds with a fixed first seed. {@code -Dfirn.parquet.seed} and {@code
 * -Dfirn.parquet.rounds} choose others; round {@code i} has seed {@code first + i}.
 */
final class Rounds {
  private Rounds() {}

  /** Runs the rounds; a failing one names its seed. */
  static void run(int defaultRounds, LongConsumer round) {
    long first = Long.getLong("firn.parquet.seed", 20_260_301L);
    int rounds = Integer.getInteger("firn.parquet.rounds", defaultRounds);
    for (long seed = first; seed < first + rounds; seed++) {
      try {
        round.accept(seed);
      } catch (RuntimeException | AssertionError e) {
        throw new AssertionError(
            "Failed with -Dfirn.parquet.seed=" + seed + " -Dfirn.parquet.rounds=1: " + e, e);
      }
    }
  }
}
