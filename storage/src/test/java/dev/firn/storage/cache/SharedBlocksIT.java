package dev.firn.storage.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.testing.ChildJvm;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Processes that share a directory of blocks, and are killed. */
class SharedBlocksIT {
  private static final long MAX_BYTES = 24L << 20;

  @TempDir Path directory;

  @Test
  void killedProcessesLeaveBlocksThatAreGoodOrRefused() throws Exception {
    long seed = Long.getLong("firn.cache.seed", 1);
    Random random = new Random(seed);
    for (int round = 0; round < 3; round++) {
      try (ChildJvm one = fill(random.nextInt(), 1_000_000);
          ChildJvm two = fill(random.nextInt(), 1_000_000)) {
        assertThat(one.line()).isEqualTo("begun");
        assertThat(two.line()).isEqualTo("begun");
        one.letRun(random.nextInt(300));
        one.kill();
        two.kill();
      }
      checkBlocks(seed);
    }
  }

  @Test
  void twoProcessesReadWhatEitherFetchedAndEvictForBoth() throws Exception {
    try (ChildJvm one = fill(1, 200);
        ChildJvm two = fill(2, 200)) {
      assertThat(last(one)).as(one.errors()).startsWith("done ").doesNotContain("evicted=0");
      assertThat(last(two)).as(two.errors()).startsWith("done ").contains("damaged=0");
    }
    checkBlocks(0);
    assertThat(bytesOnDisk()).isBetween(MAX_BYTES / 2, MAX_BYTES * 17 / 16);
  }

  private ChildJvm fill(int seed, int reads) {
    return ChildJvm.start(
        BlockFiller.class,
        directory.resolve("errors" + seed),
        List.of(
            directory.resolve("cache").toString(),
            String.valueOf(MAX_BYTES),
            String.valueOf(seed),
            String.valueOf(reads)));
  }

  private static String last(ChildJvm process) throws InterruptedException {
    List<String> lines = process.rest();
    return lines.get(lines.size() - 1);
  }

  /** Every block that the cache hands out is what the store has. */
  private void checkBlocks(long seed) {
    CachedStore files =
        BlockFiller.store(directory.resolve("cache").toString(), String.valueOf(MAX_BYTES));
    BlockCache cache =
        new BlockCache(directory.resolve("cache"), MAX_BYTES, java.time.Clock.systemUTC());
    for (int file = 0; file < BlockFiller.FILES; file++) {
      String location = BlockFiller.location(file);
      BlockFile blocks = BlockFile.of("", location, BlockFiller.FILE_BYTES);
      ByteBuffer whole = ByteBuffer.wrap(files.store.files.get(location));
      for (int block = 0; block < 8; block++) {
        ByteBuffer content = ByteBuffer.allocate(blocks.blockLength(block));
        if (cache.read(blocks, block, content)) {
          assertThat(content)
              .as("seed %d file %d block %d", seed, file, block)
              .isEqualTo(whole.slice(block * BlockFile.BLOCK_BYTES, content.remaining()));
        }
      }
    }
    assertThat(cache.counts().hits()).as("seed %d", seed).isPositive();
  }

  private long bytesOnDisk() throws IOException {
    try (Stream<Path> all = Files.walk(directory.resolve("cache"))) {
      return all.filter(Files::isRegularFile).mapToLong(path -> path.toFile().length()).sum();
    }
  }
}
