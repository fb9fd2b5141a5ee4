package dev.firn.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.iceberg.exceptions.NotFoundException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Ranged reads: positions, tails, many at once. */
interface RangeContract extends StoreUnderTest {
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  default void readsRangesIntoDirectAndHeapTargets(boolean direct) throws IOException {
    byte[] bytes = StoreUnderTest.random(700_001);
    write(at("f"), bytes);

    try (RangeReader reader = store().newInputFile(at("f")).openRanges()) {
      for (int size : new int[] {0, 1, 4096, 300_000, 700_001}) {
        for (int position : new int[] {0, Math.min(13, bytes.length - size), 700_001 - size}) {
          ByteBuffer target = StoreUnderTest.target(size, direct);
          reader.readFully(position, target);
          assertThat(target.remaining()).isZero();
          assertThat(StoreUnderTest.filled(target))
              .isEqualTo(StoreUnderTest.part(bytes, position, size));
          assertThat(target.get(2)).as("byte before the target").isZero();
          assertThat(target.limit(size + 7).get(size + 3)).as("byte behind the target").isZero();
        }
      }
      assertThat(reader.length()).isEqualTo(bytes.length);
    }
  }

  @Test
  default void readsBehindTheEndFail() throws IOException {
    write(at("f"), StoreUnderTest.random(100));

    try (RangeReader reader = store().newInputFile(at("f")).openRanges()) {
      for (long position : new long[] {95, 100, 101, 1L << 40}) {
        for (boolean direct : new boolean[] {true, false}) {
          ByteBuffer target = StoreUnderTest.target(6, direct);
          assertThatThrownBy(() -> reader.readFully(position, target))
              .as("6 bytes from %d of 100", position)
              .isInstanceOf(EOFException.class)
              .hasMessageContaining(at("f"));
        }
      }
      ByteBuffer last = ByteBuffer.allocate(6);
      reader.readFully(94, last);
      assertThat(last.array()).isEqualTo(StoreUnderTest.part(StoreUnderTest.random(100), 94, 6));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 8, 99, 100, 101, 70_000})
  default void tailIsTheEndOrTheWholeFile(int wanted) throws IOException {
    byte[] bytes = StoreUnderTest.random(100);
    write(at("f"), bytes);
    int expected = Math.min(wanted, 100);

    for (boolean direct : new boolean[] {true, false}) {
      try (RangeReader reader = store().newInputFile(at("f")).openRanges()) {
        ByteBuffer target = StoreUnderTest.target(wanted, direct);
        assertThat(reader.readTail(target)).isEqualTo(expected);
        assertThat(StoreUnderTest.filled(target))
            .isEqualTo(StoreUnderTest.part(bytes, 100 - expected, expected));
        assertThat(reader.length()).isEqualTo(100);
      }
    }
  }

  @Test
  default void tailOfAnEmptyFileIsEmpty() throws IOException {
    write(at("f"), new byte[0]);

    try (RangeReader reader = store().newInputFile(at("f")).openRanges()) {
      assertThat(reader.readTail(ByteBuffer.allocate(8))).isZero();
      assertThat(reader.length()).isZero();
      assertThatThrownBy(() -> reader.readFully(0, ByteBuffer.allocate(1)))
          .isInstanceOf(EOFException.class);
    }
  }

  @Test
  default void rangesOfAMissingFileAreNotFound() {
    RangedInputFile missing = store().newInputFile(at("missing"));
    RangedInputFile measured = store().newInputFile(at("missing"), 100);

    for (RangedInputFile file : List.of(missing, measured)) {
      assertMissing(file, reader -> reader.readFully(0, ByteBuffer.allocate(1)));
      assertMissing(file, reader -> reader.readTail(ByteBuffer.allocate(8)));
      assertMissing(
          file, reader -> finish(reader, List.of(new ByteRange(0, ByteBuffer.allocate(9)))));
    }
    assertMissing(missing, RangeReader::length);
  }

  private static void assertMissing(RangedInputFile file, Reading reading) {
    assertThatThrownBy(
            () -> {
              try (RangeReader reader = file.openRanges()) {
                reading.run(reader);
              }
            })
        .isInstanceOfAny(NotFoundException.class, FileNotFoundException.class);
  }

  @Test
  default void manyThreadsReadOneReader() throws Exception {
    byte[] bytes = StoreUnderTest.random(400_000);
    write(at("f"), bytes);

    try (RangeReader reader = store().newInputFile(at("f")).openRanges()) {
      StoreUnderTest.together(
          8,
          thread -> {
            Random random = new Random(StoreUnderTest.seed() + thread);
            for (int i = 0; i < 20; i++) {
              ByteRange range = anyRange(random, bytes.length, 9_000);
              reader.readFully(range.position(), range.target());
              assertRead(bytes, range.position(), range.target());
            }
            return thread;
          });
    }
  }

  @Test
  default void vectoredReadsFillEveryTargetInWhateverOrder() throws Exception {
    byte[] bytes = StoreUnderTest.random(3_000_000);
    write(at("f"), bytes);
    long seed = StoreUnderTest.seed();
    Random random = new Random(seed);

    try (RangeReader reader = store().newInputFile(at("f")).openRanges()) {
      for (int round = 0; round < 8; round++) {
        List<ByteRange> ranges = apart(random, bytes.length);
        Collections.shuffle(ranges, random);
        List<Long> positions = ranges.stream().map(ByteRange::position).toList();
        finish(reader, ranges);
        for (int i = 0; i < ranges.size(); i++) {
          assertThat(ranges.get(i).target().remaining()).as("seed %d", seed).isZero();
          assertRead(bytes, positions.get(i), ranges.get(i).target());
        }
      }
    }
  }

  /** Ranges that do not overlap: some empty, some adjacent, some near, some far apart. */
  private static List<ByteRange> apart(Random random, int size) {
    List<ByteRange> ranges = new ArrayList<>();
    int position = random.nextInt(1_000);
    int[] gaps = {0, 1, 100, 5_000, 200_000};
    int[] lengths = {0, 1, 50, 3_000, 60_000};
    while (true) {
      position += gaps[random.nextInt(gaps.length)];
      int length = random.nextInt(lengths[random.nextInt(lengths.length)] + 1);
      if (position + length > size) {
        return ranges;
      }
      ranges.add(new ByteRange(position, StoreUnderTest.target(length, random.nextBoolean())));
      position += length;
    }
  }

  @Test
  default void vectoredReadsTakeHundredsOfRangesAndNone() throws Exception {
    byte[] bytes = StoreUnderTest.random(200_000);
    write(at("f"), bytes);

    try (RangeReader reader = store().newInputFile(at("f")).openRanges()) {
      finish(reader, List.of());
      List<ByteRange> ranges = new ArrayList<>();
      for (int i = 0; i < 500; i++) {
        ranges.add(new ByteRange(i * 400L, StoreUnderTest.target(1 + i % 400, i % 2 == 0)));
      }
      finish(reader, ranges);
      for (int i = 0; i < 500; i++) {
        assertRead(bytes, i * 400L, ranges.get(i).target());
      }
    }
  }

  @Test
  default void vectoredReadFailsWhereOneRangeDoes() throws Exception {
    byte[] bytes = StoreUnderTest.random(10_000);
    write(at("f"), bytes);

    try (RangeReader reader = store().newInputFile(at("f")).openRanges()) {
      List<ByteRange> ranges =
          List.of(
              new ByteRange(0, ByteBuffer.allocate(10)),
              new ByteRange(9_995, ByteBuffer.allocate(6)),
              new ByteRange(5_000, ByteBuffer.allocateDirect(10)));
      assertThatThrownBy(() -> finish(reader, ranges)).isInstanceOf(EOFException.class);

      // The reader goes on.
      ByteRange good = new ByteRange(9_995, StoreUnderTest.target(5, true));
      finish(reader, List.of(good));
      assertRead(bytes, 9_995, good.target());
    }
  }

  /** A store may refuse them: their callers have none. It may not give wrong bytes. */
  @Test
  default void overlappingRangesAreReadOrRefused() throws Exception {
    byte[] bytes = StoreUnderTest.random(10_000);
    write(at("f"), bytes);

    try (RangeReader reader = store().newInputFile(at("f")).openRanges()) {
      List<ByteRange> ranges =
          List.of(
              new ByteRange(100, StoreUnderTest.target(1_000, true)),
              new ByteRange(600, StoreUnderTest.target(1_000, false)),
              new ByteRange(700, StoreUnderTest.target(10, false)));
      try {
        finish(reader, ranges);
      } catch (IllegalArgumentException e) {
        assertThat(e).hasMessageContaining("verlap");
        return;
      }
      assertRead(bytes, 100, ranges.get(0).target());
      assertRead(bytes, 600, ranges.get(1).target());
      assertRead(bytes, 700, ranges.get(2).target());
    }
  }

  @Test
  default void givenLengthIsTakenAndTheStoreNotAsked() throws IOException {
    byte[] bytes = StoreUnderTest.random(1_000);
    write(at("f"), bytes);
    StoreCounts before = store().counts();

    RangedInputFile file = store().newInputFile(at("f"), bytes.length);
    try (RangeReader reader = file.openRanges()) {
      assertThat(file.getLength()).isEqualTo(1_000);
      assertThat(reader.length()).isEqualTo(1_000);
      ByteBuffer target = StoreUnderTest.target(1_000, false);
      reader.readFully(0, target);
      assertRead(bytes, 0, target);
    }
    assertThat(store().counts().since(before).heads()).isZero();
  }

  private static ByteRange anyRange(Random random, int size, int longest) {
    int position = random.nextInt(size);
    int length = Math.min(random.nextInt(longest), size - position);
    return new ByteRange(position, StoreUnderTest.target(length, random.nextBoolean()));
  }

  private static void assertRead(byte[] bytes, long position, ByteBuffer target) {
    byte[] read = StoreUnderTest.filled(target);
    assertThat(read)
        .as("%d bytes from %d", read.length, position)
        .isEqualTo(StoreUnderTest.part(bytes, position, read.length));
  }

  private static void finish(RangeReader reader, List<ByteRange> ranges) throws IOException {
    try {
      reader.readAll(ranges).get(1, TimeUnit.MINUTES);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException cause) {
        throw cause;
      }
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new AssertionError(e);
    } catch (InterruptedException | TimeoutException e) {
      throw new AssertionError(e);
    }
  }

  /** What is read of a file that is not there. */
  @FunctionalInterface
  interface Reading {
    void run(RangeReader reader) throws IOException;
  }
}
