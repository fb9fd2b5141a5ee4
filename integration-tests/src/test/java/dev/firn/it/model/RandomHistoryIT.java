package dev.firn.it.model;

import dev.firn.Lakehouse;
import java.nio.file.Path;
import java.util.stream.LongStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random histories. The seeds are the same in each build; {@code -Dfirn.history.seed=N} runs those
 * from N on, {@code firn.history.runs} says how many, {@code firn.history.steps} how long.
 */
class RandomHistoryIT {
  @TempDir private Path directory;

  static LongStream seeds() {
    long first = Long.getLong("firn.history.seed", 1);
    return LongStream.range(first, first + Integer.getInteger("firn.history.runs", 6));
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void readsBackWhatTheModelHolds(long seed) {
    try (Lakehouse lake = Lakehouse.open(directory.resolve("lake"))) {
      RandomHistory.run(
          lake, "a.t", seed, Integer.getInteger("firn.history.steps", 30), table -> {});
    }
  }
}
