package dev.firn.scan;

import java.util.Arrays;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.vector.BaseVariableWidthVector;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.DecimalVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.FixedSizeBinaryVector;
import org.apache.arrow.vector.complex.ListVector;
import org.apache.arrow.vector.complex.StructVector;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types.NestedField;

/** The bytes of a key that is put together from vectors in the types of {@code ArrowSchemas}. */
final class KeyValues {
  /** Values of a vector at rows that are not null, as longs that are equal where they are. */
  @FunctionalInterface
  interface Longs {
    long at(int row);
  }

  private static final byte NULL = 0;
  private static final byte PRESENT = 1;

  private byte[] bytes = new byte[64];
  private int length;

  /** Whether {@link #longs} knows the type. */
  static boolean isLong(Type type) {
    return switch (type.typeId()) {
      case BOOLEAN, INTEGER, LONG, FLOAT, DOUBLE, DATE, TIME, TIMESTAMP, TIMESTAMP_NANO -> true;
      default -> false;
    };
  }

  static Longs longs(FieldVector vector, Type type) {
    ArrowBuf values = vector.getDataBuffer();
    return switch (type.typeId()) {
      case BOOLEAN -> ((BitVector) vector)::get;
      case INTEGER, DATE -> row -> values.getInt(4L * row);
      // Every NaN becomes the same one.
      case FLOAT -> row -> Float.floatToIntBits(values.getFloat(4L * row));
      case DOUBLE -> row -> Double.doubleToLongBits(values.getDouble(8L * row));
      case LONG, TIME, TIMESTAMP, TIMESTAMP_NANO -> row -> values.getLong(8L * row);
      default -> throw new IllegalArgumentException("not of at most eight bytes: " + type);
    };
  }

  void clear() {
    length = 0;
  }

  /** The key is the first {@link #length} of these. */
  byte[] bytes() {
    return bytes;
  }

  int length() {
    return length;
  }

  long hash() {
    return BytesKeys.hash(bytes, 0, length);
  }

  /** Adds a field whose struct, at that depth, is null. */
  void nullAbove(int depth) {
    put((byte) (PRESENT + depth));
  }

  /** Adds the value at a row. */
  void add(FieldVector vector, Type type, int row) {
    if (vector.isNull(row)) {
      put(NULL);
      return;
    }
    put(PRESENT);
    switch (type.typeId()) {
      case STRING, BINARY -> {
        BaseVariableWidthVector values = (BaseVariableWidthVector) vector;
        int size = values.getValueLength(row);
        putLong(size);
        put(values.getDataBuffer(), values.getStartOffset(row), size);
      }
      case FIXED, UUID -> {
        int width = ((FixedSizeBinaryVector) vector).getByteWidth();
        put(vector.getDataBuffer(), (long) width * row, width);
      }
      case DECIMAL ->
          put(
              vector.getDataBuffer(),
              (long) DecimalVector.TYPE_WIDTH * row,
              DecimalVector.TYPE_WIDTH);
      case STRUCT -> addStruct((StructVector) vector, type, row);
      case LIST -> addList((ListVector) vector, type, row);
      case MAP, VARIANT, UNKNOWN, GEOMETRY, GEOGRAPHY ->
          throw new IllegalArgumentException("Cannot compare values of type " + type);
      default -> putLong(longs(vector, type).at(row));
    }
  }

  private void addStruct(StructVector vector, Type type, int row) {
    int place = 0;
    for (NestedField field : type.asStructType().fields()) {
      add(vector.getChildrenFromFields().get(place++), field.type(), row);
    }
  }

  private void addList(ListVector vector, Type type, int row) {
    int end = vector.getElementEndIndex(row);
    putLong(end - vector.getElementStartIndex(row));
    for (int i = vector.getElementStartIndex(row); i < end; i++) {
      add(vector.getDataVector(), type.asListType().elementType(), i);
    }
  }

  private void put(byte value) {
    reserve(1);
    bytes[length++] = value;
  }

  private void putLong(long value) {
    reserve(8);
    for (int i = 0; i < 8; i++) {
      bytes[length++] = (byte) (value >>> 8 * i);
    }
  }

  private void put(ArrowBuf from, long start, int size) {
    reserve(size);
    from.getBytes(start, bytes, length, size);
    length += size;
  }

  private void reserve(int more) {
    if (length + more > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, length + more));
    }
  }
}
