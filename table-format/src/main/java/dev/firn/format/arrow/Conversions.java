package dev.firn.format.arrow;

import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.util.MemoryUtil;
import org.apache.arrow.vector.BaseFixedWidthVector;
import org.apache.arrow.vector.BaseIntVector;
import org.apache.arrow.vector.BaseVariableWidthVector;
import org.apache.arrow.vector.BitVectorHelper;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.Float4Vector;
import org.apache.arrow.vector.LargeVarBinaryVector;
import org.apache.arrow.vector.LargeVarCharVector;
import org.apache.arrow.vector.TimeStampVector;
import org.apache.arrow.vector.UInt1Vector;
import org.apache.arrow.vector.UInt2Vector;
import org.apache.arrow.vector.UInt4Vector;
import org.apache.arrow.vector.UInt8Vector;
import org.apache.arrow.vector.VarBinaryVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.ViewVarBinaryVector;
import org.apache.arrow.vector.ViewVarCharVector;
import org.apache.arrow.vector.dictionary.Dictionary;
import org.apache.arrow.vector.dictionary.DictionaryProvider;
import org.apache.arrow.vector.types.TimeUnit;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;

/**
 * Conversions of whole columns from other physical types. Each fills the target, or returns the row
 * of a value that does not fit, or {@link #UNKNOWN} where it knows no way. Immutable.
 */
final class Conversions {
  static final int NONE = -1;
  static final int UNKNOWN = -2;

  private final DictionaryProvider dictionaries;
  private final BufferAllocator allocator;
  private final int rows;

  Conversions(DictionaryProvider dictionaries, BufferAllocator allocator, int rows) {
    this.dictionaries = dictionaries;
    this.allocator = allocator;
    this.rows = rows;
  }

  int convert(FieldVector given, Type type, FieldVector target) {
    if (given.getField().getDictionary() != null) {
      return decode(given, type, target);
    }
    return switch (type.typeId()) {
      case INTEGER, LONG -> given instanceof BaseIntVector ? integers(given, target) : UNKNOWN;
      case DOUBLE -> given instanceof Float4Vector ? doubles(given, target) : UNKNOWN;
      case TIMESTAMP, TIMESTAMP_NANO ->
          given instanceof TimeStampVector ? timestamps(given, type, target) : UNKNOWN;
      case STRING ->
          given instanceof LargeVarCharVector || given instanceof ViewVarCharVector
              ? bytes(given, target)
              : UNKNOWN;
      case BINARY ->
          given instanceof LargeVarBinaryVector || given instanceof ViewVarBinaryVector
              ? bytes(given, target)
              : UNKNOWN;
      default -> UNKNOWN;
    };
  }

  /** Gathers a dictionary's values, themselves converted once. */
  private int decode(FieldVector given, Type type, FieldVector target) {
    Dictionary dictionary = dictionaries.lookup(given.getField().getDictionary().getId());
    boolean flat =
        target instanceof BaseFixedWidthVector || target instanceof BaseVariableWidthVector;
    if (dictionary == null || !flat || dictionary.getVector().getValueCount() == 0) {
      return UNKNOWN;
    }
    FieldVector values = dictionary.getVector();
    if (Layouts.same(values, type)) {
      boolean suspicious = Layouts.suspicious(values, Types.NestedField.optional(1, "value", type));
      return suspicious ? UNKNOWN : gather(given, values, target);
    }
    try (FieldVector converted = target.getField().createVector(allocator)) {
      int count = values.getValueCount();
      int misfit = new Conversions(dictionaries, allocator, count).convert(values, type, converted);
      // An entry that does not fit does no harm unless a row refers to it.
      return misfit == NONE ? gather(given, converted, target) : UNKNOWN;
    }
  }

  private int gather(FieldVector given, FieldVector values, FieldVector target) {
    BaseIntVector indices = (BaseIntVector) given;
    long[] picks = new long[rows];
    for (int i = 0; i < rows; i++) {
      long index = given.isNull(i) ? 0 : indices.getValueAsLong(i);
      if (index < 0 || index >= values.getValueCount()) {
        return UNKNOWN;
      }
      picks[i] = index;
    }
    try (FieldVector taken = ArrowTake.take(values, picks, rows, allocator)) {
      for (int i = 0; i < rows; i++) {
        if (given.isNull(i)) {
          BitVectorHelper.unsetBit(taken.getValidityBuffer(), i);
        }
      }
      taken.makeTransferPair(target).transfer();
    }
    return NONE;
  }

  private void copyNulls(FieldVector given, FieldVector target) {
    MemoryUtil.copyMemory(
        given.getValidityBuffer().memoryAddress(),
        target.getValidityBuffer().memoryAddress(),
        (rows + 7) / 8);
  }

  /** Allocates the target, sets its nulls, and returns the address of its values. */
  private long start(FieldVector given, FieldVector target) {
    ((BaseFixedWidthVector) target).allocateNew(rows);
    copyNulls(given, target);
    return target.getDataBuffer().memoryAddress();
  }

  private int integers(FieldVector given, FieldVector target) {
    long[] values = new long[rows];
    readIntegers(given, values);
    boolean unsigned = given instanceof UInt8Vector;
    long to = start(given, target);
    boolean narrow = ((BaseFixedWidthVector) target).getTypeWidth() == 4;
    for (int i = 0; i < rows; i++) {
      long value = values[i];
      boolean fits = (!narrow || value == (int) value) && (!unsigned || value >= 0);
      if (!fits && !given.isNull(i)) {
        return i;
      }
      if (narrow) {
        MemoryUtil.putInt(to + 4L * i, (int) value);
      } else {
        MemoryUtil.putLong(to + 8L * i, value);
      }
    }
    target.setValueCount(rows);
    return NONE;
  }

  private static void readIntegers(FieldVector vector, long[] into) {
    long from = vector.getDataBuffer().memoryAddress();
    boolean unsigned =
        vector instanceof UInt1Vector
            || vector instanceof UInt2Vector
            || vector instanceof UInt4Vector;
    int width = ((BaseFixedWidthVector) vector).getTypeWidth();
    long mask = unsigned ? (1L << (8 * width)) - 1 : -1;
    switch (width) {
      case 1 -> {
        for (int i = 0; i < into.length; i++) {
          into[i] = MemoryUtil.getByte(from + i) & mask;
        }
      }
      case 2 -> {
        for (int i = 0; i < into.length; i++) {
          into[i] = MemoryUtil.getShort(from + 2L * i) & mask;
        }
      }
      case 4 -> {
        for (int i = 0; i < into.length; i++) {
          into[i] = MemoryUtil.getInt(from + 4L * i) & mask;
        }
      }
      default -> {
        for (int i = 0; i < into.length; i++) {
          into[i] = MemoryUtil.getLong(from + 8L * i);
        }
      }
    }
  }

  private int doubles(FieldVector given, FieldVector target) {
    long from = given.getDataBuffer().memoryAddress();
    long to = start(given, target);
    for (int i = 0; i < rows; i++) {
      double value = Float.intBitsToFloat(MemoryUtil.getInt(from + 4L * i));
      MemoryUtil.putLong(to + 8L * i, Double.doubleToRawLongBits(value));
    }
    target.setValueCount(rows);
    return NONE;
  }

  private int timestamps(FieldVector given, Type type, FieldVector target) {
    ArrowType.Timestamp from = (ArrowType.Timestamp) given.getField().getType();
    boolean nanos = type.typeId() == Type.TypeID.TIMESTAMP_NANO;
    long source = given.getDataBuffer().memoryAddress();
    long to = start(given, target);
    long perSecond = nanos ? 1_000_000_000L : 1_000_000L;
    long unit = perSecond(from.getUnit());
    long factor = Math.max(1, perSecond / unit);
    long divisor = Math.max(1, unit / perSecond);
    for (int i = 0; i < rows; i++) {
      long value = MemoryUtil.getLong(source + 8L * i);
      long scaled = value * factor;
      boolean fits = Math.multiplyHigh(value, factor) == (scaled >> 63) && value % divisor == 0;
      if (!fits && !given.isNull(i)) {
        return i;
      }
      MemoryUtil.putLong(to + 8L * i, scaled / divisor);
    }
    target.setValueCount(rows);
    return NONE;
  }

  private static long perSecond(TimeUnit unit) {
    return switch (unit) {
      case SECOND -> 1;
      case MILLISECOND -> 1_000;
      case MICROSECOND -> 1_000_000;
      case NANOSECOND -> 1_000_000_000;
    };
  }

  /** Text and bytes of another layout, without decoding them. */
  private int bytes(FieldVector given, FieldVector target) {
    ColumnReaders.@Nullable ByteReader reader = ColumnReaders.bytes(given);
    if (reader == null) {
      return UNKNOWN;
    }
    BaseVariableWidthVector into = (BaseVariableWidthVector) target;
    into.setInitialCapacity(rows);
    into.allocateNew();
    for (int i = 0; i < rows; i++) {
      if (!given.isNull(i)) {
        set(into, i, reader.read(i));
      }
    }
    into.setValueCount(rows);
    return NONE;
  }

  private static void set(BaseVariableWidthVector into, int row, byte[] bytes) {
    if (into instanceof VarCharVector text) {
      text.setSafe(row, bytes);
    } else {
      ((VarBinaryVector) into).setSafe(row, bytes);
    }
  }
}
