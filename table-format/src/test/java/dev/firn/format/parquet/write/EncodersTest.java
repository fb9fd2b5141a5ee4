package dev.firn.format.parquet.write;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.testing.ArrowLeakCheck;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.util.MemoryUtil;
import org.apache.parquet.bytes.ByteBufferInputStream;
import org.apache.parquet.column.values.ValuesReader;
import org.apache.parquet.column.values.bloomfilter.XxHash;
import org.apache.parquet.column.values.bytestreamsplit.ByteStreamSplitValuesReaderForDouble;
import org.apache.parquet.column.values.bytestreamsplit.ByteStreamSplitValuesReaderForFloat;
import org.apache.parquet.column.values.delta.DeltaBinaryPackingValuesReader;
import org.apache.parquet.column.values.rle.RunLengthBitPackingHybridDecoder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Our encoders against parquet-java's decoders. */
@ExtendWith(ArrowLeakCheck.class)
class EncodersTest {
  private static final long SEED = Long.getLong("firn.seed", 815);

  private static byte[] copy(long from, long end) {
    byte[] bytes = new byte[(int) (end - from)];
    MemoryUtil.copyFromMemory(from, bytes, 0, bytes.length);
    return bytes;
  }

  @Test
  void hybridRunsOfEveryWidthAreReadBack(BufferAllocator allocator) throws IOException {
    System.out.println("seed " + SEED);
    Random random = new Random(SEED);
    try (NativeBuffer buffer = new NativeBuffer(allocator)) {
      for (int width = 1; width <= 31; width++) {
        for (int round = 0; round < 60; round++) {
          int count = 1 + random.nextInt(700);
          int[] values = new int[count + 8];
          int repeat = 0;
          for (int i = 0; i < count; i++) {
            repeat = repeat > 0 ? repeat - 1 : random.nextInt(4) == 0 ? random.nextInt(40) : 0;
            values[i] = repeat > 0 && i > 0 ? values[i - 1] : random.nextInt() >>> (32 - width);
          }
          int[] expected = Arrays.copyOf(values, count);
          long bound = Hybrid.bound(count, width);
          long to = buffer.ensure(bound, 0);
          long end = Hybrid.encode(values, count, width, to);
          assertThat(end - to).isLessThanOrEqualTo(bound - NativeBuffer.PAD);
          RunLengthBitPackingHybridDecoder decoder =
              new RunLengthBitPackingHybridDecoder(width, new ByteArrayInputStream(copy(to, end)));
          for (int i = 0; i < count; i++) {
            assertThat(decoder.readInt()).as("width %s, value %s", width, i).isEqualTo(expected[i]);
          }
        }
      }
    }
  }

  @Test
  void bitmapsAreReadBackAsLevels(BufferAllocator allocator) throws IOException {
    System.out.println("seed " + SEED);
    Random random = new Random(SEED);
    try (NativeBuffer buffer = new NativeBuffer(allocator)) {
      for (int round = 0; round < 300; round++) {
        int count = 1 + random.nextInt(2000);
        long[] bits = new long[count / 64 + 2];
        boolean bit = false;
        for (int i = 0; i < count; i++) {
          bit = random.nextInt(1 + round % 200) == 0 ? random.nextBoolean() : bit;
          bits[i >>> 6] |= bit ? 1L << i : 0;
        }
        long to = buffer.ensure(Hybrid.bound(count, 1), 0);
        long end = Hybrid.encodeBits(bits, count, to);
        RunLengthBitPackingHybridDecoder decoder =
            new RunLengthBitPackingHybridDecoder(1, new ByteArrayInputStream(copy(to, end)));
        for (int i = 0; i < count; i++) {
          assertThat(decoder.readInt()).isEqualTo((int) (bits[i >>> 6] >>> i & 1));
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {4, 8})
  void deltasAreReadBack(int width, BufferAllocator allocator) throws IOException {
    System.out.println("seed " + SEED);
    Random random = new Random(SEED);
    DeltaEncoder encoder = new DeltaEncoder();
    try (NativeBuffer from = new NativeBuffer(allocator);
        NativeBuffer to = new NativeBuffer(allocator)) {
      for (int round = 0; round < 400; round++) {
        int count = 1 + random.nextInt(400);
        int shift = random.nextInt(8 * width);
        long[] values = new long[count];
        long source = from.ensure(8L * count, 0);
        for (int i = 0; i < count; i++) {
          long value = random.nextLong() >> (shift + 64 - 8 * width);
          values[i] = random.nextInt(50) == 0 ? extreme(random, width) : value;
          if (width == 8) {
            MemoryUtil.putLong(source + 8L * i, values[i]);
          } else {
            MemoryUtil.putInt(source + 4L * i, (int) values[i]);
          }
        }
        long start = to.ensure(DeltaEncoder.bound(count, width), 0);
        long end =
            width == 8 ? encoder.longs(source, count, start) : encoder.ints(source, count, start);
        assertThat(end - start)
            .isLessThanOrEqualTo(DeltaEncoder.bound(count, width) - NativeBuffer.PAD);
        ValuesReader reader = new DeltaBinaryPackingValuesReader();
        reader.initFromPage(count, ByteBufferInputStream.wrap(ByteBuffer.wrap(copy(start, end))));
        for (long value : values) {
          assertThat(width == 8 ? reader.readLong() : reader.readInteger()).isEqualTo(value);
        }
      }
    }
  }

  private static long extreme(Random random, int width) {
    if (width == 8) {
      return random.nextBoolean() ? Long.MIN_VALUE : Long.MAX_VALUE;
    }
    return random.nextBoolean() ? Integer.MIN_VALUE : Integer.MAX_VALUE;
  }

  @Test
  void splitStreamsAreReadBack(BufferAllocator allocator) throws IOException {
    System.out.println("seed " + SEED);
    Random random = new Random(SEED);
    try (NativeBuffer from = new NativeBuffer(allocator);
        NativeBuffer to = new NativeBuffer(allocator)) {
      for (int count = 1; count < 40; count++) {
        long source = from.ensure(8L * count, 0);
        long start = to.ensure(8L * count, 0);
        for (int i = 0; i < 2 * count; i++) {
          MemoryUtil.putInt(source + 4L * i, random.nextInt());
        }
        ByteStreamSplit.encode(source, count, 8, start);
        ValuesReader doubles = new ByteStreamSplitValuesReaderForDouble();
        doubles.initFromPage(count, stream(copy(start, start + 8L * count)));
        for (int i = 0; i < count; i++) {
          assertThat(Double.doubleToRawLongBits(doubles.readDouble()))
              .isEqualTo(MemoryUtil.getLong(source + 8L * i));
        }
        ByteStreamSplit.encode(source, count, 4, start);
        ValuesReader floats = new ByteStreamSplitValuesReaderForFloat();
        floats.initFromPage(count, stream(copy(start, start + 4L * count)));
        for (int i = 0; i < count; i++) {
          assertThat(Float.floatToRawIntBits(floats.readFloat()))
              .isEqualTo(MemoryUtil.getInt(source + 4L * i));
        }
      }
    }
  }

  private static ByteBufferInputStream stream(byte[] bytes) {
    return ByteBufferInputStream.wrap(ByteBuffer.wrap(bytes));
  }

  @Test
  void hashesAreParquets(BufferAllocator allocator) {
    XxHash theirs = new XxHash();
    Random random = new Random(SEED);
    try (NativeBuffer buffer = new NativeBuffer(allocator)) {
      for (int length = 0; length < 200; length++) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        long at = buffer.ensure(length, 0);
        MemoryUtil.copyToMemory(bytes, 0, at, length);
        assertThat(XxHash64.hash(at, length)).isEqualTo(theirs.hashBytes(bytes));
      }
    }
  }
}
