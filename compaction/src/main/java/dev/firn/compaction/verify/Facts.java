package dev.firn.compaction.verify;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.memory.util.MemoryUtil;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;
import org.jspecify.annotations.Nullable;

/**
 * Nulls, NaNs, least and greatest value of one column, at the top or in structs. Confined to one
 * thread.
 */
final class Facts {
  private static final BigInteger WORD = BigInteger.ONE.shiftLeft(64);

  private final NestedField field;
  private final List<Integer> path;
  private final List<FieldVector> chain = new ArrayList<>();
  private long nulls;
  private long notNumbers;
  private boolean any;
  private long least;
  private long leastLow;
  private long greatest;
  private long greatestLow;
  private double leastDouble;
  private double greatestDouble;
  private byte[] leastBytes = {};
  private byte[] greatestBytes = {};

  private Facts(NestedField field, List<Integer> path) {
    this.field = field;
    this.path = path;
  }

  /** Of all such columns of primitive type, of batches of the schema. */
  static List<Facts> of(Schema schema) {
    List<Facts> all = new ArrayList<>();
    collect(schema.columns(), List.of(), all);
    return all;
  }

  private static void collect(List<NestedField> fields, List<Integer> path, List<Facts> all) {
    for (int i = 0; i < fields.size(); i++) {
      NestedField field = fields.get(i);
      List<Integer> own = new ArrayList<>(path);
      own.add(i);
      if (field.type().isStructType()) {
        collect(field.type().asStructType().fields(), own, all);
      } else if (field.type().isPrimitiveType() && field.type().typeId() != Type.TypeID.UNKNOWN) {
        all.add(new Facts(field, own));
      }
    }
  }

  NestedField field() {
    return field;
  }

  boolean isNested() {
    return path.size() > 1;
  }

  long nulls() {
    return nulls;
  }

  long notNumbers() {
    return notNumbers;
  }

  void add(VectorSchemaRoot batch) {
    chain.clear();
    FieldVector vector = batch.getVector(path.get(0));
    boolean mayBeNull = note(vector);
    for (int i = 1; i < path.size(); i++) {
      vector = vector.getChildrenFromFields().get(path.get(i));
      mayBeNull |= note(vector);
    }
    for (int row = 0; row < batch.getRowCount(); row++) {
      if (mayBeNull && isNull(row)) {
        nulls++;
      } else {
        add(vector, row);
      }
    }
  }

  /** Returns whether the vector has nulls. */
  private boolean note(FieldVector vector) {
    boolean has = vector.getNullCount() > 0;
    if (has) {
      chain.add(vector);
    }
    return has;
  }

  private boolean isNull(int row) {
    for (FieldVector each : chain) {
      if (each.isNull(row)) {
        return true;
      }
    }
    return false;
  }

  private void add(FieldVector vector, int row) {
    long data = vector.getDataBuffer().memoryAddress();
    switch (field.type().typeId()) {
      case BOOLEAN -> add(((BitVector) vector).get(row), 0);
      case INTEGER, DATE -> add(MemoryUtil.getInt(data + 4L * row), 0);
      case LONG, TIME, TIMESTAMP, TIMESTAMP_NANO -> add(MemoryUtil.getLong(data + 8L * row), 0);
      case FLOAT -> add(Float.intBitsToFloat(MemoryUtil.getInt(data + 4L * row)));
      case DOUBLE -> add(Double.longBitsToDouble(MemoryUtil.getLong(data + 8L * row)));
      case DECIMAL ->
          add(MemoryUtil.getLong(data + 16L * row + 8), MemoryUtil.getLong(data + 16L * row));
      case STRING, BINARY -> {
        long offsets = vector.getOffsetBuffer().memoryAddress() + 4L * row;
        int start = MemoryUtil.getInt(offsets);
        addBytes(data + start, MemoryUtil.getInt(offsets + 4) - start);
      }
      case FIXED -> {
        int length = ((Types.FixedType) field.type()).length();
        addBytes(data + (long) length * row, length);
      }
      default -> {
        // Nulls only.
      }
    }
  }

  private void add(long value, long low) {
    if (!any || compare(value, low, least, leastLow) < 0) {
      least = value;
      leastLow = low;
    }
    if (!any || compare(value, low, greatest, greatestLow) > 0) {
      greatest = value;
      greatestLow = low;
    }
    any = true;
  }

  private static int compare(long high, long low, long otherHigh, long otherLow) {
    return high != otherHigh ? Long.compare(high, otherHigh) : Long.compareUnsigned(low, otherLow);
  }

  private void add(double value) {
    if (Double.isNaN(value)) {
      notNumbers++;
      return;
    }
    leastDouble = any ? Math.min(leastDouble, value) : value;
    greatestDouble = any ? Math.max(greatestDouble, value) : value;
    any = true;
  }

  private void addBytes(long address, int length) {
    if (!any || compare(address, length, leastBytes) < 0) {
      leastBytes = bytes(address, length);
    }
    if (!any || compare(address, length, greatestBytes) > 0) {
      greatestBytes = bytes(address, length);
    }
    any = true;
  }

  private static int compare(long address, int length, byte[] other) {
    int common = Math.min(length, other.length);
    for (int i = 0; i < common; i++) {
      int difference = (MemoryUtil.getByte(address + i) & 0xff) - (other[i] & 0xff);
      if (difference != 0) {
        return difference;
      }
    }
    return length - other.length;
  }

  private static byte[] bytes(long address, int length) {
    byte[] bytes = new byte[length];
    MemoryUtil.copyFromMemory(address, bytes, 0, length);
    return bytes;
  }

  /** In Iceberg's internal representation; null where there is none, or none is kept. */
  @Nullable Object least() {
    return any ? value(least, leastLow, leastDouble, leastBytes) : null;
  }

  @Nullable Object greatest() {
    return any ? value(greatest, greatestLow, greatestDouble, greatestBytes) : null;
  }

  private Object value(long high, long low, double number, byte[] bytes) {
    return switch (field.type().typeId()) {
      case BOOLEAN -> high == 1;
      case INTEGER, DATE -> (int) high;
      case FLOAT -> (float) number;
      case DOUBLE -> number;
      case DECIMAL -> {
        BigInteger unscaled = BigInteger.valueOf(high).multiply(WORD).add(unsigned(low));
        yield new BigDecimal(unscaled, ((Types.DecimalType) field.type()).scale());
      }
      case STRING -> new String(bytes, StandardCharsets.UTF_8);
      case BINARY, FIXED -> ByteBuffer.wrap(bytes);
      default -> high;
    };
  }

  private static BigInteger unsigned(long low) {
    BigInteger value = BigInteger.valueOf(low);
    return low < 0 ? value.add(WORD) : value;
  }
}
