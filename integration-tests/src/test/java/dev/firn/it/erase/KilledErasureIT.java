package dev.firn.it.erase;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.LakeTable;
import dev.firn.Lakehouse;
import dev.firn.testing.ChildJvm;
import dev.firn.testing.TableFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A process that erases is killed at random moments: the next run finishes what it had begun, but
 * for files of the commit that it was killed in, which are named until they are old.
 *
 * <p>{@code -Dfirn.erase.kills=100}: how often; {@code -Dfirn.erase.seed}: when.
 */
class KilledErasureIT {
  private static final int KILLS = Integer.getInteger("firn.erase.kills", 6);

  @TempDir private Path directory;
  private final long seed = Long.getLong("firn.erase.seed", 1);

  @Test
  void theNextRunFinishes() throws Exception {
    System.out.println("KilledErasureIT -Dfirn.erase.seed=" + seed);
    Random random = new Random(seed);
    ErasedTable table = new ErasedTable();
    try (Lakehouse lake = open()) {
      table.create(lake);
      table.fill(lake);
    }
    long started = System.nanoTime();
    try (ChildJvm process = start()) {
      assertThat(process.line()).isEqualTo("ready");
      started = System.nanoTime();
      process.go();
      assertThat(process.line()).as(process.errors()).isEqualTo("proven");
    }
    long whole = Duration.ofNanos(System.nanoTime() - started).toMillis();
    int killed = 0;
    for (int kill = 0; kill < KILLS || killed == 0; kill++) {
      try (Lakehouse lake = open()) {
        table.fill(lake);
      }
      long millis = random.nextLong(whole);
      if (kill(millis)) {
        killed++;
      } else {
        // It takes less than that, today.
        whole = Math.max(1, millis);
      }
      try (Lakehouse lake = open()) {
        table.checkKept(lake);
        LakeTable erased = lake.table(ErasedTable.NAME);
        if (!ErasedTable.isProven(erased.erase(ErasedTable.WHERE).run())) {
          age();
        }
        table.checkErased(lake, erased.erase(ErasedTable.WHERE).run());
        assertThat(TableFiles.needed(erased.iceberg())).allMatch(Files::exists, "exists");
        assertThat(marked()).isEmpty();
      }
    }
    System.out.printf("%d killed while it erased, which takes %d ms%n", killed, whole);
  }

  /** Returns whether it was killed before it was done. */
  private boolean kill(long millis) throws InterruptedException {
    try (ChildJvm process = start()) {
      assertThat(process.line()).isEqualTo("ready");
      process.go();
      process.letRun(millis);
      List<String> said = process.kill();
      assertThat(said).doesNotContain("not proven");
      return said.isEmpty();
    }
  }

  private ChildJvm start() {
    return ChildJvm.start(
        ErasingProcess.class,
        directory.resolve("errors"),
        List.of(directory.resolve("lake").toString(), catalog()));
  }

  private String catalog() {
    return "jdbc:sqlite:" + directory.resolve("catalog.db");
  }

  private Lakehouse open() {
    return Lakehouse.open(
        Map.of("warehouse", directory.resolve("lake").toString(), "catalog", catalog()));
  }

  /**
   * Manifests and metadata of the commit that it was killed in are in no ledger: they have to be
   * old.
   */
  private void age() throws IOException {
    FileTime old = FileTime.from(Instant.now().minus(Duration.ofDays(9)));
    try (Stream<Path> files = Files.walk(directory.resolve("lake"))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.setLastModifiedTime(file, old);
      }
    }
  }

  private List<Path> marked() throws IOException {
    try (Stream<Path> files = Files.walk(directory.resolve("lake"))) {
      return files.filter(Files::isRegularFile).filter(KilledErasureIT::isMarked).toList();
    }
  }

  private static boolean isMarked(Path file) {
    try {
      return Files.readString(file, StandardCharsets.ISO_8859_1).contains(ErasedTable.MARK);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
