package dev.firn.format.parquet.proof;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.format.parquet.proof.FuzzCorpus.Sample;
import dev.firn.testing.ArrowLeakCheck;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.apache.arrow.memory.BufferAllocator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Damaged files: each is read, or refused as corrupt with its name, in bounded time and memory.
 *
 * <p>{@code -Dfirn.fuzz.seconds} sets for how long (30); {@code -Dfirn.fuzz.seed} with which case
 * to start, and {@code -Dfirn.fuzz.cases} how many to run at most. Case {@code n} is the same in
 * every run. A failing run lists one case of each kind of fault.
 */
@ExtendWith(ArrowLeakCheck.class)
class ParquetFuzzTest {
  private static final int MOST_FAULTS = 30;

  @TempDir Path temp;
  private List<Sample> corpus;

  @BeforeEach
  void makeCorpus(BufferAllocator allocator) {
    corpus = FuzzCorpus.make(temp, allocator);
  }

  @Test
  void soundFilesOfTheCorpusAreRead(BufferAllocator allocator) {
    for (Sample sample : corpus) {
      assertThat(new FuzzCase(sample, Runnable::run).readAll(sample.bytes(), allocator))
          .as("%s: %s", sample.name(), sample.table())
          .isEqualTo(sample.table().shown());
      byte[] rebuilt = ParquetImage.parse(sample.bytes()).bytes(ParquetImage.Lies.NONE);
      assertThat(new FuzzCase(sample, Runnable::run).readAll(rebuilt, allocator))
          .as("%s, taken apart and put together: %s", sample.name(), sample.table())
          .isEqualTo(sample.table().shown());
    }
  }

  @Test
  void damagedFilesAreReadOrRefused() throws InterruptedException {
    long first = Long.getLong("firn.fuzz.seed", 0);
    long most = Long.getLong("firn.fuzz.cases", Long.MAX_VALUE);
    Duration limit = Duration.ofSeconds(Integer.getInteger("firn.fuzz.seconds", 30));
    long start = System.nanoTime();
    Map<String, String> faults = new TreeMap<>();
    try (FuzzRun run = new FuzzRun()) {
      long seed = first;
      for (; seed - first < most; seed++) {
        if (System.nanoTime() - start > limit.toNanos() || faults.size() >= MOST_FAULTS) {
          break;
        }
        Sample sample = corpus.get(new Random(seed).nextInt(corpus.size()));
        FuzzRun.Fault fault = run.run(sample, seed);
        if (fault != null) {
          faults.putIfAbsent(fault.kind(), "-Dfirn.fuzz.seed=" + seed + ": " + fault.story());
          if (fault.hung()) {
            break;
          }
        }
      }
      System.out.printf("fuzzed cases %d to %d: %s%n", first, seed - 1, run.summary());
    }
    assertThat(faults.values()).as("One case of each kind of fault").isEmpty();
  }
}
