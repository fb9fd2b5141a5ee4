package dev.firn.format.write.key;

import dev.firn.format.write.key.Values.Kind;
import org.apache.arrow.memory.util.MemoryUtil;
import org.apache.iceberg.types.Type;

/**
 * The values of a column as numbers of 64 bits in the values' order; unequal values may share a
 * number. Numbers, dates and times are themselves, floats are their bits in total order, decimals
 * of more than 18 digits are rounded to a double, and bytes and strings are the eight bytes behind
 * a prefix that nearly all share. Immutable.
 */
final class Words {
  private final Type type;
  private final byte[] prefix;

  /** {@code prefix} is that of byte strings; empty for others. */
  Words(Type type, byte[] prefix) {
    this.type = type;
    this.prefix = prefix.clone();
  }

  /** Of a row that is not null. */
  long of(Values values, int row) {
    return switch (values.kind) {
      case LONG -> values.words[row];
      case WIDE -> {
        double high = values.highs[row] * 0x1p64;
        double low = (values.words[row] >>> 1) * 2.0;
        yield ColumnValues.flip(Double.doubleToLongBits(high + low));
      }
      case BYTES -> {
        long address = values.words[row];
        yield ofBytes(i -> MemoryUtil.getByte(address + i), values.lengths[row]);
      }
    };
  }

  /** Of the first bytes of a string. */
  long ofBytes(byte[] start) {
    return ofBytes(i -> start[i], start.length);
  }

  private long ofBytes(Bytes bytes, int length) {
    for (int i = 0; i < prefix.length; i++) {
      int ours = i < length ? bytes.at(i) & 0xff : -1;
      int shared = prefix[i] & 0xff;
      if (ours != shared) {
        return ours < shared ? Long.MIN_VALUE : Long.MAX_VALUE;
      }
    }
    long word = 0;
    for (int i = prefix.length; i < prefix.length + Long.BYTES; i++) {
      word = word << 8 | (i < length ? bytes.at(i) & 0xff : 0);
    }
    // Iceberg orders uuids as two signed halves, all else as unsigned bytes.
    return type.typeId() == Type.TypeID.UUID ? word : word ^ Long.MIN_VALUE;
  }

  /** Bytes, wherever they are. */
  @FunctionalInterface
  private interface Bytes {
    byte at(int index);
  }

  static boolean isBytes(Values values) {
    return values.kind == Kind.BYTES;
  }
}
