package dev.firn.keyindex;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Packed runs against a map. {@code -Dfirn.keyindex.seed} makes other entries. */
class KeyRunsTest {
  private static final long SEED = Long.getLong("firn.keyindex.seed", 7);

  @TempDir Path directory;

  private static Run run(RunMemory memory, Pairs pairs, long first, long last, long slabBytes) {
    new HashSort().sort(pairs.hashes, pairs.rows, pairs.size, Long.SIZE);
    RunShape shape = RunShape.of(pairs.size, first, last, slabBytes);
    try (RunBuilder builder = new RunBuilder(memory, shape, pairs.size)) {
      for (int i = 0; i < pairs.size; i++) {
        builder.add(pairs.hashes[i], pairs.rows[i]);
      }
      return builder.build();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "1, 0, 0, 1000000, -1",
    "5, 0, 40, 1000000, -1",
    "5, 123456789, 4398046511104, 1000000, -1",
    "3000, 0, 3000, 1000000, -1",
    "3000, 17, 36028797018963968, 1000, -1",
    "60000, 5, 1000000, 4000, -1",
    "60000, 5, 1000000, 4000, 255",
    "60000, 5, 1000000, 4000, -1152921504606846976",
  })
  void everyEntryIsFound(int entries, long first, long last, long slabBytes, long mask) {
    SplittableRandom random = new SplittableRandom(SEED);
    Map<Long, TreeSet<Long>> expected = new HashMap<>();
    Pairs pairs = new Pairs(1);
    for (int i = 0; i < entries; i++) {
      long hash = random.nextLong() & mask;
      long row = i == 0 ? first : i == 1 ? last : random.nextLong(first, last + 1);
      pairs.add(hash, row);
      expected.computeIfAbsent(hash, none -> new TreeSet<>()).add(row);
    }
    try (RunMemory memory = new RunMemory(0, directory);
        Run run = run(memory, pairs, first, last, slabBytes)) {
      assertThat(run.entries()).isEqualTo(entries);
      Pairs wanted = new Pairs(1);
      expected.keySet().forEach(hash -> wanted.add(hash, hash));
      for (int i = 0; i < 1000; i++) {
        wanted.add(random.nextLong(), 0);
      }
      new HashSort().sort(wanted.hashes, wanted.rows, wanted.size, Long.SIZE);
      Pairs found = new Pairs(1);
      run.find(wanted, found);
      Map<Long, TreeSet<Long>> all = new HashMap<>();
      for (int i = 0; i < found.size; i++) {
        all.computeIfAbsent(found.rows[i], none -> new TreeSet<>()).add(found.hashes[i]);
      }
      assertThat(all).as("seed " + SEED).isEqualTo(expected);
    }
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void tenMillionKeysTakeTenBytesEach() {
    RunShape shape = RunShape.of(10_000_000, 0, 10_000_000, 64 << 20);
    double table = 4.0 * shape.buckets() * shape.slabs() / 10_000_000;
    assertThat(shape.width() + table).isLessThan(10);
    RunShape large = RunShape.of(1_000_000_000, 0, 1L << 36, 64 << 20);
    assertThat(large.width() + 4.0 * large.buckets() * large.slabs() / 1e9).isLessThan(11);
  }

  @Test
  void runsStayFewAndDeadRowsGo() {
    SplittableRandom random = new SplittableRandom(SEED);
    long budget = 600_000;
    try (RunMemory memory = new RunMemory(budget, directory);
        KeyRuns runs = new KeyRuns(memory, 50_000)) {
      List<FileSlot> live = new ArrayList<>();
      Pairs kept = new Pairs(1);
      long base = 0;
      for (int file = 0; file < 120; file++) {
        Pairs pairs = new Pairs(1);
        for (int i = 0; i < 1000; i++) {
          pairs.add(random.nextLong(), base + i);
        }
        if (file % 3 != 0) {
          live.add(new FileSlot("f" + file, base, 1000, 1));
          for (int i = 0; i < 1000; i++) {
            kept.add(pairs.hashes[i], pairs.rows[i]);
          }
        }
        runs.add(List.of(run(memory, pairs, base, base + 999, 50_000)));
        base += 1000;
        long end = base;
        runs.compact(() -> DeadRows.allBut(live, end));
        assertThat(runs.runs()).hasSizeLessThan(12);
        assertThat(memory.held()).isLessThanOrEqualTo(budget);
      }
      assertThat(runs.entries()).isLessThan(90_000);
      assertThat(runs.runs()).anyMatch(run -> !run.inMemory());
      assertFound(runs, kept);
    }
    assertThat(directory).isEmptyDirectory();
  }

  private static void assertFound(KeyRuns runs, Pairs kept) {
    Map<Long, Long> rows = new HashMap<>();
    for (int i = 0; i < kept.size; i++) {
      rows.put(kept.hashes[i], kept.rows[i]);
    }
    new HashSort().sort(kept.hashes, kept.rows, kept.size, Long.SIZE);
    Pairs wanted = new Pairs(1);
    for (int i = 0; i < kept.size; i++) {
      wanted.add(kept.hashes[i], kept.hashes[i]);
    }
    Pairs found = new Pairs(1);
    runs.find(wanted, found);
    assertThat(found.size).isEqualTo(kept.size);
    for (int i = 0; i < found.size; i++) {
      assertThat(found.hashes[i]).isEqualTo(rows.get(found.rows[i]));
    }
  }
}
