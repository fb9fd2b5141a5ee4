package dev.firn.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.stream.LongStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Hostile histories at random. The seeds are the same in each build; {@code -Dfirn.hostile.seed=N}
 * runs those from N on, {@code firn.hostile.runs} says how many, {@code firn.hostile.steps} how
 * long.
 */
class HostileHistoryTest {
  @TempDir private Path directory;

  static LongStream seeds() {
    long first = Long.getLong("firn.hostile.seed", 1);
    return LongStream.range(first, first + Integer.getInteger("firn.hostile.runs", 3));
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void nothingReachableOrInFlightIsRemoved(long seed) {
    System.out.println("HostileHistoryTest -Dfirn.hostile.seed=" + seed);
    try (HostileHistory history = new HostileHistory(directory, seed)) {
      for (int step = Integer.getInteger("firn.hostile.steps", 60); step > 0; step--) {
        history.step();
      }
      history.end();
      // What is never removed, or never found, proves nothing.
      assertThat(history.removed()).as("files removed").isPositive();
      assertThat(history.takenBack()).as("files taken back").isPositive();
    }
  }
}
