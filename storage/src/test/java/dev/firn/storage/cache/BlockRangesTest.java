package dev.firn.storage.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.storage.ByteRange;
import dev.firn.storage.RangeReader;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.apache.iceberg.exceptions.NotFoundException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reads of data files with blocks of them on disk. */
class BlockRangesTest {
  private static final int BLOCK = BlockFile.BLOCK_BYTES;
  private static final String FILE = "mem://t/data/f.parquet";

  @TempDir Path directory;

  private final byte[] bytes = new byte[6 * BLOCK + 12_345];
  private CachedStore files;

  @BeforeEach
  void open() {
    new Random(1).nextBytes(bytes);
    files = reopened();
  }

  private CachedStore reopened() {
    CachedStore opened =
        new CachedStore(
            CacheSettings.of(Map.of(CacheSettings.DISK_PATH, directory.resolve("c").toString())));
    opened.store.files.put(FILE, bytes);
    return opened;
  }

  @Test
  void readsOnlyMissingBlocksOfTheStore() throws IOException {
    read(BLOCK + 5, 10);
    assertThat(files.store.asked).containsExactly(asked(1, 2));

    read(100, 4 * BLOCK);
    assertThat(files.store.asked)
        .containsExactly(asked(1, 2), asked(0, 1), asked(2, 3), asked(3, 4), asked(4, 5));

    read(100, 4 * BLOCK);
    read(BLOCK, BLOCK);
    assertThat(files.store.asked).hasSize(5);
    assertThat(files.caches.blockCounts().written()).isEqualTo(5);
  }

  @Test
  void aLaterProcessReadsNothingOfTheStore() throws Exception {
    read(0, bytes.length);
    files = reopened();
    assertThat(files.requests(() -> read(0, bytes.length))).isZero();
    assertThat(files.requests(() -> read(bytes.length - 8, 8))).isZero();
  }

  @Test
  void readsTheTail() throws Exception {
    ByteBuffer tail = ByteBuffer.allocate(20_000);
    try (RangeReader ranges = ranges()) {
      assertThat(ranges.readTail(tail)).isEqualTo(20_000);
      assertThat(ranges.length()).isEqualTo(bytes.length);
    }
    assertThat(tail.array())
        .isEqualTo(Arrays.copyOfRange(bytes, bytes.length - 20_000, bytes.length));
    assertThat(files.requests(() -> read(bytes.length - 12_345, 12_345))).isZero();
  }

  @Test
  void readsTheSameWhateverIsThere() throws IOException {
    long seed = Long.getLong("firn.cache.seed", 1);
    Random random = new Random(seed);
    for (int round = 0; round < 30; round++) {
      List<ByteRange> ranges = new ArrayList<>();
      List<ByteBuffer> targets = new ArrayList<>();
      for (int at = random.nextInt(BLOCK); at < bytes.length; at += random.nextInt(BLOCK)) {
        int count = Math.min(random.nextInt(5 * BLOCK / 2), bytes.length - at);
        ByteBuffer target =
            random.nextBoolean() ? ByteBuffer.allocate(count) : ByteBuffer.allocateDirect(count);
        targets.add(target);
        ranges.add(new ByteRange(at, target));
        at += count;
      }
      try (RangeReader reader = ranges()) {
        reader.readAll(ranges).join();
      }
      for (int i = 0; i < targets.size(); i++) {
        ByteBuffer target = targets.get(i);
        assertThat(target.hasRemaining()).isFalse();
        assertThat(target.flip())
            .as("seed %d round %d", seed, round)
            .isEqualTo(ByteBuffer.wrap(bytes, (int) ranges.get(i).position(), target.limit()));
      }
      damageSome(random);
    }
    assertThat(files.caches.blockCounts().damaged()).as("seed %d", seed).isPositive();
    assertThat(files.caches.blockCounts().hits()).as("seed %d", seed).isPositive();
  }

  @Test
  void manySmallRangesTakeBoundedMemory() throws IOException {
    byte[] large = new byte[40 * BLOCK];
    new Random(2).nextBytes(large);
    files.store.files.put("mem://t/data/large.parquet", large);
    List<ByteRange> ranges = new ArrayList<>();
    for (int block = 0; block < 40; block++) {
      ranges.add(new ByteRange((long) block * BLOCK + 7, ByteBuffer.allocate(3)));
    }
    try (RangeReader reader =
        files.newInputFile("mem://t/data/large.parquet", large.length).openRanges()) {
      reader.readAll(ranges).join();
    }
    for (ByteRange range : ranges) {
      int at = (int) range.position();
      assertThat(range.target().array()).isEqualTo(Arrays.copyOfRange(large, at, at + 3));
    }
    assertThat(files.caches.blockCounts().written()).isEqualTo(BlockFetch.MOST_APART);
    assertThat(files.store.asked)
        .hasSize(40)
        .contains(
            "mem://t/data/large.parquet[%d, %d)".formatted(39L * BLOCK + 7, 39L * BLOCK + 10));
  }

  @Test
  void whatTheStoreFailsToReadIsReadAgain() throws IOException {
    files.store.failure = new IOException("reset");
    assertThatThrownBy(() -> read(0, 10)).isInstanceOf(IOException.class).hasMessage("reset");
    files.store.failure = null;
    read(0, 10);
  }

  @Test
  void errorsAreThoseOfTheStore() {
    assertThatThrownBy(() -> read(bytes.length - 5, 6))
        .isInstanceOf(EOFException.class)
        .hasMessageContaining("expected 6 bytes from " + (bytes.length - 5) + ", got 5");
    files.store.files.clear();
    assertThatThrownBy(() -> read(0, 10)).isInstanceOf(NotFoundException.class);
  }

  @Test
  void whatIsDistrustedIsReadOfTheStore() throws Exception {
    read(0, bytes.length);
    try (RangeReader ranges = ranges()) {
      ranges.distrust(BLOCK + 1, BLOCK);
    }
    files.store.asked.clear();
    read(0, bytes.length);
    assertThat(files.store.asked).containsExactly(asked(1, 2), asked(2, 3));
  }

  @Test
  void aFileThatIsReplacedIsReadAnew() throws Exception {
    read(0, bytes.length);
    byte[] other = new byte[bytes.length];
    try (var out = files.newOutputFile(FILE).createOrOverwrite()) {
      out.write(other);
    }
    System.arraycopy(other, 0, bytes, 0, other.length);
    read(0, bytes.length);
  }

  @Test
  void ofFilesOfUnknownLengthNothingIsKept() throws Exception {
    for (int i = 0; i < 2; i++) {
      ByteBuffer target = ByteBuffer.allocate(10);
      try (RangeReader ranges = files.newInputFile(FILE).openRanges()) {
        ranges.readFully(5, target);
      }
      assertThat(target.array()).isEqualTo(Arrays.copyOfRange(bytes, 5, 15));
    }
    assertThat(files.caches.blockCounts()).isEqualTo(BlockCounts.NONE);
  }

  private RangeReader ranges() {
    return files.newInputFile(FILE, bytes.length).openRanges();
  }

  private void read(int position, int count) throws IOException {
    ByteBuffer target = ByteBuffer.allocate(count);
    try (RangeReader ranges = ranges()) {
      ranges.readFully(position, target);
    }
    assertThat(target.flip()).isEqualTo(ByteBuffer.wrap(bytes, position, count));
  }

  private void damageSome(Random random) throws IOException {
    List<Path> blocks;
    try (Stream<Path> all = Files.walk(directory.resolve("c"))) {
      blocks = all.filter(path -> path.getFileName().toString().contains("-")).sorted().toList();
    }
    for (Path block : blocks) {
      switch (random.nextInt(4)) {
        case 0 -> Files.delete(block);
        case 1 -> {
          byte[] content = Files.readAllBytes(block);
          content[random.nextInt(content.length)] ^= 1;
          Files.write(block, content);
        }
        default -> {}
      }
    }
  }

  private static String asked(int fromBlock, int toBlock) {
    return "%s[%d, %d)".formatted(FILE, fromBlock * BLOCK, toBlock * BLOCK);
  }
}
