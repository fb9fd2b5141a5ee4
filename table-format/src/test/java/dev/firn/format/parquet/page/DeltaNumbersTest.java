package dev.firn.format.parquet.page;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.testing.ArrowLeakCheck;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.parquet.bytes.HeapByteBufferAllocator;
import org.apache.parquet.column.values.delta.DeltaBinaryPackingValuesWriterForInteger;
import org.apache.parquet.column.values.delta.DeltaBinaryPackingValuesWriterForLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@ExtendWith(ArrowLeakCheck.class)
class DeltaNumbersTest {
  private static final long SEED = Long.getLong("firn.pages.seed", 17);
  private static final HeapByteBufferAllocator HEAP = HeapByteBufferAllocator.getInstance();

  @ParameterizedTest
  @CsvSource({"128, 1", "128, 2", "128, 4", "256, 8", "1024, 32", "4096, 2"})
  void blocksMayHaveAnySize(int block, int miniblocks, BufferAllocator allocator)
      throws IOException {
    Random random = new Random(SEED);
    for (int count : new int[] {0, 1, 2, 32, 33, 129, 1000, 5000}) {
      for (int bits = 0; bits <= 64; bits += 1 + random.nextInt(4)) {
        long[] values = new long[count];
        int shift = 64 - bits;
        Arrays.setAll(values, i -> shift == 64 ? 0 : random.nextLong() >> shift);
        check(values, longs(values, block, miniblocks), random, allocator);
      }
    }
  }

  @Test
  void differencesWrapAround(BufferAllocator allocator) throws IOException {
    Random random = new Random(SEED);
    long[] values = {Long.MIN_VALUE, Long.MAX_VALUE, 0, Long.MIN_VALUE, -1, Long.MAX_VALUE, 1};
    check(values, longs(values, 128, 4), random, allocator);
    long[] small = {Integer.MIN_VALUE, Integer.MAX_VALUE, 0, Integer.MIN_VALUE, -1};
    check(small, ints(small), random, allocator);
  }

  /** Reads in random portions, as 64 bits or, where they are, 32; other bytes follow. */
  private static void check(long[] values, byte[] bytes, Random random, BufferAllocator allocator) {
    try (ArrowBuf buffer = allocator.buffer(bytes.length + 100)) {
      buffer.setBytes(0, bytes);
      long from = buffer.memoryAddress();
      assertThat(DeltaNumbers.end(from, from + bytes.length + 20) - from).isEqualTo(bytes.length);
      DeltaNumbers numbers = new DeltaNumbers(from, from + bytes.length + 20);
      long[] read = new long[values.length];
      for (int done = 0; done < values.length; ) {
        int now = Math.min(values.length - done, 1 + random.nextInt(300));
        long[] block = new long[now];
        assertThat(numbers.left()).isEqualTo(values.length - done);
        numbers.read(now, block);
        System.arraycopy(block, 0, read, done, now);
        done += now;
      }
      boolean narrow = Arrays.stream(values).allMatch(v -> v == (int) v);
      assertThat(narrow ? narrowed(read) : read).isEqualTo(values);
    }
  }

  private static long[] narrowed(long[] values) {
    return Arrays.stream(values).map(v -> (int) v).toArray();
  }

  private static byte[] longs(long[] values, int block, int miniblocks) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (DeltaBinaryPackingValuesWriterForLong writer =
        new DeltaBinaryPackingValuesWriterForLong(block, miniblocks, 1024, 1 << 20, HEAP)) {
      for (long value : values) {
        writer.writeLong(value);
      }
      writer.getBytes().writeAllTo(out);
    }
    return out.toByteArray();
  }

  private static byte[] ints(long[] values) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (DeltaBinaryPackingValuesWriterForInteger writer =
        new DeltaBinaryPackingValuesWriterForInteger(1024, 1 << 20, HEAP)) {
      for (long value : values) {
        writer.writeInteger((int) value);
      }
      writer.getBytes().writeAllTo(out);
    }
    return out.toByteArray();
  }
}
