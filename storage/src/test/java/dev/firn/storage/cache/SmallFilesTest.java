package dev.firn.storage.cache;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.storage.ByteRange;
import dev.firn.storage.RangeReader;
import dev.firn.storage.StoreOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.apache.iceberg.exceptions.AlreadyExistsException;
import org.apache.iceberg.exceptions.NotFoundException;
import org.apache.iceberg.io.RangeReadable;
import org.apache.iceberg.io.SeekableInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SmallFilesTest {
  private static final String MANIFEST = "mem://t/metadata/a-m0.avro";
  private static final int CACHE_BYTES = 1 << 20;

  private final CachedStore files = new CachedStore(CacheSettings.ofMemory(CACHE_BYTES));

  @ParameterizedTest
  @ValueSource(
      strings = {
        MANIFEST,
        "mem://t/metadata/snap-1-2-x.avro",
        "mem://t/metadata/00001-x.metadata.json",
        "mem://t/metadata/00001-x.gz.metadata.json",
        "mem://t/metadata/00001-x.metadata.json.gz"
      })
  void areReadOnceAndWhole(String location) throws Exception {
    byte[] bytes = stored(location, 10_000);

    assertThat(
            files.requests(
                () -> {
                  assertThat(files.newInputFile(location).getLength()).isEqualTo(10_000);
                  assertThat(read(location)).isEqualTo(bytes);
                  assertThat(read(location)).isEqualTo(bytes);
                }))
        .isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "mem://t/metadata/version-hint.text",
        "mem://t/data/f.parquet",
        "mem://t/data/f.orc",
        "mem://t/metadata/notes.json"
      })
  void othersAreLeftToTheStore(String location) throws Exception {
    byte[] bytes = stored(location, 100);

    assertThat(
            files.requests(
                () -> {
                  assertThat(read(location)).isEqualTo(bytes);
                  assertThat(read(location)).isEqualTo(bytes);
                }))
        .isEqualTo(2);
  }

  @Test
  void deletionVectorsAreReadWholeWhereTheirFileIsSmall() throws Exception {
    String location = "mem://t/data/d.puffin";
    byte[] bytes = stored(location, 10_000);

    assertThat(
            files.requests(
                () -> {
                  for (int at : List.of(4, 5_000)) {
                    byte[] blob = new byte[10];
                    try (RangeReader ranges = files.newInputFile(location, 10_000).openRanges()) {
                      ranges.readAll(List.of(new ByteRange(at, ByteBuffer.wrap(blob)))).join();
                    }
                    assertThat(blob).isEqualTo(java.util.Arrays.copyOfRange(bytes, at, at + 10));
                  }
                }))
        .isEqualTo(1);
  }

  @Test
  void longFilesAreReadByTheStoreEachTime() throws Exception {
    byte[] bytes = stored(MANIFEST, CACHE_BYTES / 2 + 1);

    assertThat(read(MANIFEST)).isEqualTo(bytes);
    assertThat(files.requests(() -> assertThat(read(MANIFEST)).isEqualTo(bytes))).isEqualTo(1);
    assertThat(
            files.requests(
                () -> {
                  try (var in = files.newInputFile(MANIFEST, bytes.length).newStream()) {
                    assertThat(in.readAllBytes()).isEqualTo(bytes);
                  }
                }))
        .isEqualTo(1);
    assertThat(files.caches.memory().counts().bytes()).isLessThan(1_000);
  }

  @Test
  void theLongestThatIsKeptIsHalfOfTheCache() throws Exception {
    byte[] bytes = stored(MANIFEST, CACHE_BYTES / 2);

    assertThat(read(MANIFEST)).isEqualTo(bytes);
    assertThat(files.requests(() -> assertThat(read(MANIFEST)).isEqualTo(bytes))).isZero();
  }

  @Test
  void whatWeWroteIsNotRead() throws Exception {
    try (StoreOutputStream out = files.newOutputFile(MANIFEST).createOrOverwrite()) {
      out.write(1);
      out.write(new byte[] {0, 2, 3}, 1, 2);
      assertThat(out.getPos()).isEqualTo(3);
    }

    assertThat(files.requests(() -> assertThat(read(MANIFEST)).containsExactly(1, 2, 3))).isZero();
    assertThat(files.store.files.get(MANIFEST)).containsExactly(1, 2, 3);
  }

  @Test
  void whatWasGivenUpIsNotKept() {
    StoreOutputStream out = files.newOutputFile(MANIFEST).create();
    writeTo(out);
    out.abort();

    assertThatThrownBy(() -> read(MANIFEST)).isInstanceOf(NotFoundException.class);
  }

  @Test
  void whatCouldNotBeClosedIsNotKept() {
    files.store.closeFails = true;
    StoreOutputStream out = files.newOutputFile(MANIFEST).create();
    writeTo(out);

    assertThatThrownBy(out::close).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> read(MANIFEST)).isInstanceOf(NotFoundException.class);
  }

  @Test
  void whoLosesTheRaceToCreateReadsTheWinnersFile() throws Exception {
    StoreOutputStream out = files.newOutputFile(MANIFEST).create();
    writeTo(out);
    byte[] theirs = stored(MANIFEST, 10);

    assertThatThrownBy(out::close).isInstanceOf(AlreadyExistsException.class);
    assertThat(read(MANIFEST)).isEqualTo(theirs);
  }

  @Test
  void putIfAbsentIsKept() throws Exception {
    assertThat(files.putIfAbsent(MANIFEST, ByteBuffer.wrap("once".getBytes(UTF_8)))).isTrue();
    assertThat(files.putIfAbsent(MANIFEST, ByteBuffer.wrap("more".getBytes(UTF_8)))).isFalse();
    assertThat(read(MANIFEST)).asString(UTF_8).isEqualTo("once");
  }

  @Test
  void deletedFilesAreGone() {
    stored(MANIFEST, 10);
    read(MANIFEST);
    files.deleteFile(MANIFEST);
    assertThatThrownBy(() -> read(MANIFEST)).isInstanceOf(NotFoundException.class);

    stored(MANIFEST, 10);
    read(MANIFEST);
    files.deletePrefix("mem://t/");
    assertThatThrownBy(() -> read(MANIFEST)).isInstanceOf(NotFoundException.class);
  }

  @Test
  void overwrittenFilesAreReadAnew() throws Exception {
    stored(MANIFEST, 10);
    read(MANIFEST);
    try (StoreOutputStream out = files.newOutputFile(MANIFEST).createOrOverwrite()) {
      out.write("new".getBytes(UTF_8));
    }
    assertThat(read(MANIFEST)).asString(UTF_8).isEqualTo("new");
  }

  @Test
  void whetherAFileExistsIsAskedOfTheStore() throws Exception {
    stored(MANIFEST, 10);
    read(MANIFEST);
    files.store.files.remove(MANIFEST);
    assertThat(files.newInputFile(MANIFEST).exists()).isFalse();
  }

  @Test
  void failuresAreReadAgain() {
    byte[] bytes = stored(MANIFEST, 10);
    files.store.failure = new IOException("reset");
    assertThatThrownBy(() -> read(MANIFEST))
        .isInstanceOf(UncheckedIOException.class)
        .hasRootCauseMessage("reset");
    files.store.failure = null;
    assertThat(read(MANIFEST)).isEqualTo(bytes);
  }

  @Test
  void aFileOfAnotherLengthThanItsManifestSaysIsRefused() {
    stored(MANIFEST, 10);
    for (int length : List.of(9, 11)) {
      assertThatThrownBy(() -> files.newInputFile(MANIFEST, length).newStream())
          .isInstanceOf(UncheckedIOException.class)
          .hasMessageContaining("expected " + length + " bytes")
          .hasMessageContaining(MANIFEST);
    }
  }

  @Test
  void manyThreadsReadOneFileOnce() throws Exception {
    byte[] bytes = stored(MANIFEST, 10_000);
    var pool = java.util.concurrent.Executors.newFixedThreadPool(8);
    try {
      assertThat(
              files.requests(
                  () -> {
                    for (var each :
                        pool.invokeAll(java.util.Collections.nCopies(32, () -> read(MANIFEST)))) {
                      assertThat(each.get()).isEqualTo(bytes);
                    }
                  }))
          .isEqualTo(1);
    } finally {
      pool.shutdown();
      assertThat(pool.awaitTermination(2, TimeUnit.MINUTES)).isTrue();
    }
  }

  @Test
  void evictedFilesAreReadAgain() {
    long seed = Long.getLong("firn.cache.seed", 1);
    Random random = new Random(seed);
    byte[][] bytes = new byte[100][];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = stored("mem://t/metadata/m" + i + ".avro", 10_000 + random.nextInt(20_000));
    }
    for (int i = 0; i < 2_000; i++) {
      int file = random.nextInt(bytes.length);
      assertThat(read("mem://t/metadata/m" + file + ".avro"))
          .as("seed %d", seed)
          .isEqualTo(bytes[file]);
    }
    CacheCounts counts = files.caches.memory().counts();
    assertThat(counts.evictions()).isPositive();
    assertThat(counts.bytes()).isBetween(CACHE_BYTES / 2L, (long) CACHE_BYTES);
  }

  @Test
  void readsFromMemoryAsFromAStore() throws Exception {
    byte[] bytes = stored(MANIFEST, 100);
    try (SeekableInputStream in = files.newInputFile(MANIFEST).newStream()) {
      assertThat(in.read()).isEqualTo(bytes[0] & 0xff);
      in.seek(99);
      assertThat(in.getPos()).isEqualTo(99);
      assertThat(in.read()).isEqualTo(bytes[99] & 0xff);
      assertThat(in.read()).isEqualTo(-1);
      assertThat(in.read(new byte[3], 0, 3)).isEqualTo(-1);
      in.seek(90);
      assertThat(in.skip(50)).isEqualTo(10);
      assertThatThrownBy(() -> in.seek(101)).isInstanceOf(EOFException.class);
      byte[] tail = new byte[200];
      assertThat(((RangeReadable) in).readTail(tail)).isEqualTo(100);
      assertThat(tail).startsWith(bytes);
      assertThatThrownBy(() -> ((RangeReadable) in).readFully(95, new byte[6]))
          .isInstanceOf(EOFException.class)
          .hasMessageContaining("expected 6 bytes from 95, got 5");
    }
  }

  private byte[] stored(String location, int length) {
    byte[] bytes = new byte[length];
    new Random(length).nextBytes(bytes);
    files.store.files.put(location, bytes);
    return bytes;
  }

  private byte[] read(String location) {
    try (SeekableInputStream in = files.newInputFile(location).newStream()) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void writeTo(StoreOutputStream out) {
    try {
      out.write(new byte[100]);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
