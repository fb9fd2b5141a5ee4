package dev.firn.format.parquet.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;

/**
 * Reads a page's levels and values by random calls in random portions, and compares with what they
 * should be.
 */
final class MixedReads {
  private static final byte GUARD = 0x5a;

  private final Random random;
  private final BufferAllocator allocator;

  MixedReads(Random random, BufferAllocator allocator) {
    this.random = random;
    this.allocator = allocator;
  }

  /** All of {@code levels}, whose maximum is {@code max}. */
  void levels(Levels actual, short[] levels, int max) {
    for (int done = 0; done < levels.length; ) {
      int now = portion(levels.length - done);
      int how = random.nextInt(3);
      if (how == 0) {
        skipLevels(actual, levels, done, now, max);
      } else if (how == 1 && max <= 1) {
        readBits(actual, levels, done, now, max);
      } else {
        short[] read = new short[now + 4];
        actual.read(now, read, 3);
        assertThat(Arrays.copyOfRange(read, 3, 3 + now))
            .isEqualTo(Arrays.copyOfRange(levels, done, done + now));
      }
      done += now;
    }
  }

  private static void skipLevels(Levels actual, short[] levels, int from, int count, int max) {
    int maxima = 0;
    for (int i = from; i < from + count; i++) {
      maxima += levels[i] == max ? 1 : 0;
    }
    assertThat(actual.skip(count)).isEqualTo(maxima);
  }

  private void readBits(Levels actual, short[] levels, int from, int count, int max) {
    int bit = random.nextInt(70);
    int length = (bit + count + 7) / 8;
    try (ArrowBuf buffer = allocator.buffer(length + 1)) {
      byte[] before = new byte[length + 1];
      random.nextBytes(before);
      buffer.setBytes(0, before);
      int ones = actual.readBits(count, buffer.memoryAddress(), bit);
      byte[] after = new byte[length + 1];
      buffer.getBytes(0, after);
      int expected = 0;
      for (int i = 0; i < count; i++) {
        boolean one = levels[from + i] == max;
        expected += one ? 1 : 0;
        if (bit(after, bit + i) != one) {
          fail("bit %d, expected %s", i, one);
        }
      }
      for (int i = 0; i < bit; i++) {
        assertThat(bit(after, i)).as("bit before").isEqualTo(bit(before, i));
      }
      assertThat(after[length]).isEqualTo(before[length]);
      assertThat(ones).isEqualTo(expected);
    }
  }

  private static boolean bit(byte[] bitmap, int bit) {
    return (bitmap[bit >>> 3] >>> (bit & 7) & 1) != 0;
  }

  /** All of {@code expected}; where the dictionary's entries are given, indices are read too. */
  void values(PageValues actual, List<byte[]> expected, List<byte[]> entries) {
    for (int done = 0; done < expected.size(); ) {
      int now = portion(expected.size() - done);
      List<byte[]> wanted = expected.subList(done, done + now);
      if (random.nextInt(4) == 0) {
        actual.skip(now);
      } else if (!entries.isEmpty() && random.nextInt(3) == 0) {
        ids(actual, wanted, entries);
      } else if (actual.width() > 0) {
        fixed(actual, wanted);
      } else {
        variable(actual, wanted);
      }
      done += now;
    }
  }

  private int portion(int left) {
    return Math.min(left, 1 + random.nextInt(random.nextInt(4) == 0 ? 5000 : 20 + left / 8));
  }

  private void fixed(PageValues actual, List<byte[]> wanted) {
    int width = actual.width();
    if (random.nextBoolean()) {
      try (ArrowBuf out = guarded((long) wanted.size() * width)) {
        actual.read(wanted.size(), out.memoryAddress());
        check(out, width, wanted);
      }
      return;
    }
    int[] take = take(wanted.size());
    try (ArrowBuf out = guarded((long) take.length * width)) {
      actual.readTaken(wanted.size(), take, take.length, out.memoryAddress());
      check(out, width, taken(wanted, take, new byte[width]));
    }
  }

  private void ids(PageValues actual, List<byte[]> wanted, List<byte[]> entries) {
    int[] take = null;
    if (random.nextBoolean()) {
      take = take(wanted.size());
    }
    int slots = take == null ? wanted.size() : take.length;
    try (ArrowBuf out = guarded(4L * slots)) {
      if (take == null) {
        actual.readIds(slots, out.memoryAddress());
      } else {
        actual.readIdsTaken(wanted.size(), take, take.length, out.memoryAddress());
      }
      for (int i = 0; i < slots; i++) {
        int id = out.getInt(4L * i);
        int position = take == null ? i : take[i];
        if (position == wanted.size()) {
          assertThat(id).isZero();
        } else {
          same(i, entries.get(id), wanted.get(position));
        }
      }
      assertThat(out.getByte(4L * slots)).isEqualTo(GUARD);
    }
  }

  private ArrowBuf guarded(long bytes) {
    ArrowBuf buffer = allocator.buffer(bytes + 1);
    buffer.setByte(bytes, GUARD);
    return buffer;
  }

  private static void check(ArrowBuf out, int width, List<byte[]> wanted) {
    byte[] value = new byte[width];
    for (int i = 0; i < wanted.size(); i++) {
      out.getBytes((long) i * width, value);
      same(i, value, wanted.get(i));
    }
    assertThat(out.getByte((long) wanted.size() * width)).isEqualTo(GUARD);
  }

  private void variable(PageValues actual, List<byte[]> wanted) {
    try (VarBuffers out = new VarBuffers(allocator)) {
      out.start(random.nextInt(2) * wanted.size(), random.nextInt(2) * 1000L);
      if (random.nextBoolean()) {
        actual.read(wanted.size(), out);
        check(out, wanted);
      } else {
        int[] take = take(wanted.size());
        actual.readTaken(wanted.size(), take, take.length, out);
        check(out, taken(wanted, take, new byte[0]));
      }
    }
  }

  // an assertion for each would take most of the time
  private static void same(int index, byte[] actual, byte[] expected) {
    if (!Arrays.equals(actual, expected)) {
      assertThat(actual).as("value %d", index).isEqualTo(expected);
    }
  }

  private static void check(VarBuffers out, List<byte[]> wanted) {
    assertThat(out.slots()).isEqualTo(wanted.size());
    try (ArrowBuf offsets = out.offsets();
        ArrowBuf data = out.data()) {
      assertThat(offsets.getInt(0)).isZero();
      for (int i = 0; i < wanted.size(); i++) {
        int start = offsets.getInt(4L * i);
        byte[] value = new byte[offsets.getInt(4L * i + 4) - start];
        data.getBytes(start, value);
        same(i, value, wanted.get(i));
      }
    }
  }

  // some of the positions, ascending, with null slots between
  private int[] take(int count) {
    List<Integer> take = new ArrayList<>();
    int kept = 1 + random.nextInt(10);
    for (int i = 0; i < count; i++) {
      if (random.nextInt(5) == 0) {
        take.add(count);
      }
      if (random.nextInt(10) < kept) {
        take.add(i);
      }
    }
    return take.stream().mapToInt(Integer::intValue).toArray();
  }

  private static List<byte[]> taken(List<byte[]> wanted, int[] take, byte[] nullValue) {
    List<byte[]> taken = new ArrayList<>();
    for (int position : take) {
      taken.add(position == wanted.size() ? nullValue : wanted.get(position));
    }
    return taken;
  }
}
