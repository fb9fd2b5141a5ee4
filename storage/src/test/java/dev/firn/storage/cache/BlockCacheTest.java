package dev.firn.storage.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BlockCacheTest {
  private static final int BLOCK = BlockFile.BLOCK_BYTES;
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final BlockFile FILE = BlockFile.of("", "s3://b/f", 3L * BLOCK + 10);

  @TempDir Path directory;

  private BlockCache cache() {
    return cache(1L << 30);
  }

  private BlockCache cache(long maxBytes) {
    return new BlockCache(directory.resolve("cache"), maxBytes, Clock.fixed(NOW, ZoneOffset.UTC));
  }

  @Test
  void readsWhatWasWritten() {
    ByteBuffer last = content(10, 1);
    cache().write(FILE, 0, content(BLOCK, 0));
    cache().write(FILE, 3, last);

    BlockCache later = cache();
    assertThat(read(later, FILE, 0)).isEqualTo(content(BLOCK, 0));
    assertThat(read(later, FILE, 3)).isEqualTo(last);
    assertThat(read(later, FILE, 1)).isNull();
    assertThat(later.counts()).isEqualTo(new BlockCounts(2, 1, 0, 0, 0));
  }

  @Test
  void tellsFilesApart() {
    cache().write(FILE, 0, content(BLOCK, 0));
    assertThat(read(cache(), BlockFile.of("", "s3://b/g", FILE.fileLength()), 0)).isNull();
    assertThat(read(cache(), BlockFile.of("", "s3://b/f", FILE.fileLength() + 1), 0)).isNull();
    assertThat(read(cache(), BlockFile.of("http://x", "s3://b/f", FILE.fileLength()), 0)).isNull();
  }

  @Test
  void refusesAndDeletesAnythingElseThanWhatWasWritten() throws IOException {
    BlockCache cache = cache();
    Path path = FILE.path(directory.resolve("cache"), 3);
    for (int at = 0; at < BlockFile.HEADER_BYTES + 10; at++) {
      cache.write(FILE, 3, content(10, 1));
      byte[] bytes = Files.readAllBytes(path);
      bytes[at] ^= 16;
      Files.write(path, bytes);

      assertThat(read(cache, FILE, 3)).as("byte %d", at).isNull();
      assertThat(path).doesNotExist();
    }
    assertThat(cache.counts().damaged()).isEqualTo(BlockFile.HEADER_BYTES + 10);
  }

  @Test
  void refusesTornBlocks() throws IOException {
    BlockCache cache = cache();
    Path path = FILE.path(directory.resolve("cache"), 0);
    for (int length : List.of(0, 1, 63, 64, 65, BLOCK, BLOCK + 63, BLOCK + 65)) {
      cache.write(FILE, 0, content(BLOCK, 0));
      byte[] bytes = java.util.Arrays.copyOf(Files.readAllBytes(path), length);
      Files.write(path, bytes);
      assertThat(read(cache, FILE, 0)).as("length %d", length).isNull();
      assertThat(path).doesNotExist();
    }
    // As a file system leaves it that had the name on disk before the bytes.
    Files.write(path, new byte[BLOCK + BlockFile.HEADER_BYTES]);
    assertThat(read(cache, FILE, 0)).isNull();

    cache.write(FILE, 0, content(BLOCK, 0));
    assertThat(read(cache, FILE, 0)).isEqualTo(content(BLOCK, 0));
  }

  @Test
  void refusesTheBlockOfAnotherFile() throws IOException {
    BlockCache cache = cache();
    BlockFile other = BlockFile.of("", "s3://b/g", FILE.fileLength());
    cache.write(other, 3, content(10, 1));
    Path path = FILE.path(directory.resolve("cache"), 3);
    Files.createDirectories(path.getParent());
    Files.copy(other.path(directory.resolve("cache"), 3), path);
    assertThat(read(cache, FILE, 3)).isNull();
  }

  @Test
  void evictsWhatWasNotUsedForLongest() throws IOException {
    BlockCache cache = cache(16L * (BLOCK + BlockFile.HEADER_BYTES));
    BlockFile file = BlockFile.of("", "s3://b/long", 100L * BLOCK);
    for (int i = 0; i < 15; i++) {
      cache.write(file, i, content(BLOCK, i));
      used(file.path(directory.resolve("cache"), i), NOW.minusSeconds(1_000 - i));
    }
    assertThat(read(cache, file, 0)).isEqualTo(content(BLOCK, 0));

    cache.write(file, 15, content(BLOCK, 15));

    assertThat(cache.counts().evicted()).isEqualTo(2);
    assertThat(IntStream.range(0, 16).filter(i -> read(cache, file, i) == null))
        .containsExactly(1, 2);
  }

  @Test
  void staysWithinItsBound() throws IOException {
    long max = 16L * BLOCK;
    BlockCache cache = cache(max);
    BlockFile file = BlockFile.of("", "s3://b/long", 100L * BLOCK);
    for (int i = 0; i < 60; i++) {
      cache.write(file, i, content(BLOCK, i));
      assertThat(bytesOnDisk()).isLessThanOrEqualTo(max);
    }
    assertThat(bytesOnDisk()).isGreaterThan(max / 2);
  }

  @Test
  void shrinksALargerCacheWithTheFirstBlock() throws IOException {
    BlockFile file = BlockFile.of("", "s3://b/long", 100L * BLOCK);
    for (int i = 0; i < 20; i++) {
      cache().write(file, i, content(BLOCK, i));
    }
    cache(8L * BLOCK).write(file, 30, content(BLOCK, 0));
    assertThat(bytesOnDisk()).isLessThanOrEqualTo(8L * BLOCK);
  }

  @Test
  void leavesEvictionToWhoeverIsAtIt() throws IOException {
    BlockFile file = BlockFile.of("", "s3://b/long", 100L * BLOCK);
    BlockCache cache = cache(8L * BLOCK);
    cache.write(file, 0, content(BLOCK, 0));
    Path lock = directory.resolve("cache/lock");
    try (FileChannel other = FileChannel.open(lock, StandardOpenOption.WRITE);
        var held = other.lock()) {
      assertThat(held.isValid()).isTrue();
      for (int i = 1; i < 12; i++) {
        cache.write(file, i, content(BLOCK, i));
      }
      assertThat(bytesOnDisk()).isGreaterThan(11L * BLOCK);
    }
    cache.write(file, 12, content(BLOCK, 12));
    assertThat(bytesOnDisk()).isLessThanOrEqualTo(8L * BLOCK);
  }

  @Test
  void removesWhatKilledWritersLeft() throws IOException {
    Path temporaries = Files.createDirectories(directory.resolve("cache/temporary"));
    Path old = Files.createFile(temporaries.resolve("old"));
    Path young = Files.createFile(temporaries.resolve("young"));
    used(old, NOW.minus(Duration.ofHours(2)));
    used(young, NOW);

    cache().write(FILE, 0, content(BLOCK, 0));

    assertThat(old).doesNotExist();
    assertThat(young).exists();
  }

  @Test
  void forgetsAFileOfWhateverLength() {
    BlockCache cache = cache();
    BlockFile longer = BlockFile.of("", "s3://b/f", 9L * BLOCK);
    BlockFile other = BlockFile.of("", "s3://b/g", 9L * BLOCK);
    for (BlockFile file : List.of(FILE, longer, other)) {
      cache.write(file, 0, content(BLOCK, 0));
    }
    cache.forget(FILE.hash());
    assertThat(read(cache, FILE, 0)).isNull();
    assertThat(read(cache, longer, 0)).isNull();
    assertThat(read(cache, other, 0)).isNotNull();
  }

  @Test
  void whereNothingCanBeWrittenNothingIsKeptAndNothingFails() throws IOException {
    Files.writeString(directory.resolve("cache"), "a file and no directory");
    BlockCache cache = cache();
    cache.write(FILE, 0, content(BLOCK, 0));
    cache.write(FILE, 1, content(BLOCK, 0));
    assertThat(read(cache, FILE, 0)).isNull();
    cache.forget(FILE.hash());
    cache.forget(FILE, 0, 1);
    assertThat(cache.counts().written()).isZero();
  }

  @Test
  void survivesThatSomebodyEmptiesItsDirectory() throws IOException {
    BlockCache cache = cache();
    cache.write(FILE, 0, content(BLOCK, 0));
    try (Stream<Path> all = Files.walk(directory.resolve("cache"))) {
      all.sorted(java.util.Comparator.reverseOrder()).forEach(BlockCacheTest::delete);
    }
    assertThat(read(cache, FILE, 0)).isNull();
    cache.write(FILE, 0, content(BLOCK, 0));
    assertThat(read(cache, FILE, 0)).isNotNull();
  }

  @Test
  void anInterruptedThreadNeitherDeletesBlocksNorEndsTheCache() {
    BlockCache cache = cache();
    cache.write(FILE, 0, content(BLOCK, 0));
    Thread.currentThread().interrupt();
    assertThat(read(cache, FILE, 0)).isNull();
    cache.write(FILE, 1, content(BLOCK, 1));
    assertThat(Thread.interrupted()).isTrue();

    assertThat(read(cache, FILE, 0)).isNotNull();
    cache.write(FILE, 1, content(BLOCK, 1));
    assertThat(read(cache, FILE, 1)).isNotNull();
  }

  @Test
  void onlyItsOwnerReadsIt() throws IOException {
    cache().write(FILE, 0, content(BLOCK, 0));
    assertThat(
            PosixFilePermissions.toString(
                Files.getPosixFilePermissions(directory.resolve("cache"))))
        .isEqualTo("rwx------");
  }

  private long bytesOnDisk() throws IOException {
    try (Stream<Path> all = Files.walk(directory.resolve("cache"))) {
      return all.filter(Files::isRegularFile).mapToLong(path -> path.toFile().length()).sum();
    }
  }

  private static void used(Path path, Instant when) throws IOException {
    Files.setLastModifiedTime(path, FileTime.from(when));
  }

  private static void delete(Path path) {
    try {
      Files.delete(path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static @org.jspecify.annotations.Nullable ByteBuffer read(
      BlockCache cache, BlockFile file, long block) {
    ByteBuffer target = ByteBuffer.allocate(file.blockLength(block));
    return cache.read(file, block, target) ? target : null;
  }

  private static ByteBuffer content(int length, int seed) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return ByteBuffer.wrap(bytes);
  }
}
