package dev.firn.format.write.key;

import dev.firn.format.write.key.Values.Kind;
import org.apache.arrow.memory.util.MemoryUtil;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;

/** Reads a vector of a primitive type into {@link Values}. Stateless. */
final class ColumnValues {
  // A long holds every decimal up to this precision.
  private static final int LONG_DIGITS = 18;

  private ColumnValues() {}

  /** {@code vector} has the type of {@code ArrowSchemas.toArrow}. */
  static void read(FieldVector vector, Type type, int from, int count, Values out) {
    switch (type.typeId()) {
      case BOOLEAN -> booleans((BitVector) vector, from, count, out);
      case INTEGER, DATE -> ints(vector, from, count, out);
      case LONG, TIME, TIMESTAMP, TIMESTAMP_NANO -> longs(vector, from, count, out);
      case FLOAT -> floats(vector, from, count, out);
      case DOUBLE -> doubles(vector, from, count, out);
      case DECIMAL -> decimals(vector, (Types.DecimalType) type, from, count, out);
      case STRING, BINARY -> variable(vector, from, count, out);
      case UUID -> fixed(vector, 16, from, count, out);
      case FIXED -> fixed(vector, ((Types.FixedType) type).length(), from, count, out);
      default -> out.reset(Kind.LONG, count);
    }
    nulls(vector, from, out);
  }

  /** Marks the rows that are null in {@code vector}. */
  static void nulls(FieldVector vector, int from, Values out) {
    if (vector.getNullCount() == 0) {
      return;
    }
    for (int i = 0; i < out.count; i++) {
      if (vector.isNull(from + i)) {
        out.lengths[i] = -1;
      }
    }
  }

  private static void booleans(BitVector vector, int from, int count, Values out) {
    out.reset(Kind.LONG, count);
    long address = vector.getDataBuffer().memoryAddress();
    for (int i = 0; i < count; i++) {
      int row = from + i;
      int bit = (MemoryUtil.getByte(address + (row >>> 3)) >>> (row & 7)) & 1;
      out.words[i] = bit;
    }
  }

  private static void ints(FieldVector vector, int from, int count, Values out) {
    out.reset(Kind.LONG, count);
    long[] words = out.words;
    long address = vector.getDataBuffer().memoryAddress() + 4L * from;
    for (int i = 0; i < count; i++) {
      words[i] = MemoryUtil.getInt(address + 4L * i);
    }
  }

  private static void longs(FieldVector vector, int from, int count, Values out) {
    out.reset(Kind.LONG, count);
    long[] words = out.words;
    long address = vector.getDataBuffer().memoryAddress() + 8L * from;
    for (int i = 0; i < count; i++) {
      words[i] = MemoryUtil.getLong(address + 8L * i);
    }
  }

  private static void floats(FieldVector vector, int from, int count, Values out) {
    ints(vector, from, count, out);
    for (int i = 0; i < count; i++) {
      int bits = Float.floatToIntBits(Float.intBitsToFloat((int) out.words[i]));
      out.words[i] = bits ^ ((bits >> 31) & Integer.MAX_VALUE);
    }
  }

  private static void doubles(FieldVector vector, int from, int count, Values out) {
    longs(vector, from, count, out);
    for (int i = 0; i < count; i++) {
      out.words[i] = flip(Double.doubleToLongBits(Double.longBitsToDouble(out.words[i])));
    }
  }

  /** To the order of {@code Double.compare} and back. */
  static long flip(long bits) {
    return bits ^ ((bits >> 63) & Long.MAX_VALUE);
  }

  private static void decimals(
      FieldVector vector, Types.DecimalType type, int from, int count, Values out) {
    boolean narrow = type.precision() <= LONG_DIGITS;
    out.reset(narrow ? Kind.LONG : Kind.WIDE, count);
    long address = vector.getDataBuffer().memoryAddress() + 16L * from;
    for (int i = 0; i < count; i++) {
      out.words[i] = MemoryUtil.getLong(address + 16L * i);
    }
    if (narrow) {
      return;
    }
    for (int i = 0; i < count; i++) {
      out.highs[i] = MemoryUtil.getLong(address + 16L * i + 8);
    }
  }

  private static void variable(FieldVector vector, int from, int count, Values out) {
    out.reset(Kind.BYTES, count);
    long offsets = vector.getOffsetBuffer().memoryAddress() + 4L * from;
    long data = vector.getDataBuffer().memoryAddress();
    int start = count == 0 ? 0 : MemoryUtil.getInt(offsets);
    for (int i = 0; i < count; i++) {
      int end = MemoryUtil.getInt(offsets + 4L * (i + 1));
      out.words[i] = data + start;
      out.lengths[i] = end - start;
      start = end;
    }
  }

  private static void fixed(FieldVector vector, int width, int from, int count, Values out) {
    out.reset(Kind.BYTES, count);
    long data = vector.getDataBuffer().memoryAddress() + (long) width * from;
    for (int i = 0; i < count; i++) {
      out.words[i] = data + (long) width * i;
      out.lengths[i] = width;
    }
  }
}
