package dev.firn.scan.plan;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Strings of bytes of which few are distinct. */
final class DictionaryBytes extends BytesColumn {
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final long MIX = 0x9E3779B97F4A7C15L;

  private final LongColumn codes;
  private final byte[][] entries;

  private DictionaryBytes(LongColumn codes, byte[][] entries) {
    this.codes = codes;
    this.entries = entries;
  }

  /** Returns null where too many are distinct. */
  static @Nullable DictionaryBytes of(
      long[] slices, long @Nullable [] present, byte[] buffer, int rows) {
    int most = Math.max(4, rows / 8);
    int[] table = new int[Integer.highestOneBit(most * 4)];
    List<byte[]> entries = new ArrayList<>();
    long[] codes = new long[rows];
    long last = -1;
    long lastCode = 0;
    for (int row = 0; row < rows; row++) {
      if (present != null && !Bits.get(present, row)) {
        continue;
      }
      if (slices[row] == last) {
        codes[row] = lastCode;
        continue;
      }
      int at = hash(buffer, slices[row]) & (table.length - 1);
      while (table[at] != 0 && !equal(entries.get(table[at] - 1), buffer, slices[row])) {
        at = (at + 1) & (table.length - 1);
      }
      if (table[at] == 0) {
        if (entries.size() == most) {
          return null;
        }
        entries.add(copy(buffer, slices[row]));
        table[at] = entries.size();
      }
      codes[row] = table[at] - 1L;
      last = slices[row];
      lastCode = codes[row];
    }
    return new DictionaryBytes(LongColumn.of(codes, present, rows), entries.toArray(new byte[0][]));
  }

  static int hash(byte[] buffer, long slice) {
    long hash = length(slice);
    int at = offset(slice);
    int end = at + length(slice);
    for (; at + Long.BYTES <= end; at += Long.BYTES) {
      hash = (hash ^ (long) LONG.get(buffer, at)) * MIX;
      hash ^= hash >>> 32;
    }
    for (; at < end; at++) {
      hash = 31 * hash + buffer[at];
    }
    hash *= MIX;
    return (int) (hash >>> 32);
  }

  private static boolean equal(byte[] entry, byte[] buffer, long slice) {
    int offset = offset(slice);
    return Arrays.equals(entry, 0, entry.length, buffer, offset, offset + length(slice));
  }

  int size() {
    return entries.length;
  }

  /** An entry, not copied. */
  byte[] entry(int code) {
    return entries[code];
  }

  int code(int row) {
    return codes.getInt(row);
  }

  @Override
  boolean isNull(int row) {
    return codes.isNull(row);
  }

  @Override
  byte[] get(int row) {
    return entries[codes.getInt(row)].clone();
  }

  @Override
  long weight() {
    long bytes = 48 + codes.weight();
    for (byte[] entry : entries) {
      bytes += 24 + entry.length;
    }
    return bytes;
  }

  @Override
  boolean equalTo(BytesColumn other, int rows) {
    return other instanceof DictionaryBytes that
        && codes.equalTo(that.codes, rows)
        && Arrays.deepEquals(entries, that.entries);
  }
}
