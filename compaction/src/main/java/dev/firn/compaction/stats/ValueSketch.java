package dev.firn.compaction.stats;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.memory.util.MemoryUtil;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.datasketches.common.Family;
import org.apache.datasketches.theta.UpdateSketch;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;

/**
 * A theta sketch of one column's values: of the alpha family, with the default seed, each value as
 * the bytes of Iceberg's single-value serialization, as the Puffin specification has it, so that
 * sketches of other engines can be united with it. Confined to one thread.
 *
 * @see <a href="https://iceberg.apache.org/spec/#binary-single-value-serialization">the bytes</a>
 */
final class ValueSketch {
  private final NestedField field;
  private final List<Integer> path;
  private final UpdateSketch sketch = UpdateSketch.builder().setFamily(Family.ALPHA).build();
  private final byte[][] widths = new byte[17][];
  private ByteBuffer scratch = ByteBuffer.allocate(64);

  private ValueSketch(NestedField field, List<Integer> path) {
    this.field = field;
    this.path = path;
    for (int i = 0; i < widths.length; i++) {
      widths[i] = new byte[i];
    }
  }

  /** One for each field, at the top or in structs, of batches of the schema. */
  static List<ValueSketch> of(Schema schema, List<NestedField> fields) {
    List<ValueSketch> all = new ArrayList<>();
    for (NestedField field : fields) {
      List<Integer> path = new ArrayList<>();
      find(schema.columns(), field.fieldId(), path);
      all.add(new ValueSketch(field, path));
    }
    return all;
  }

  private static boolean find(List<NestedField> fields, int id, List<Integer> path) {
    for (int i = 0; i < fields.size(); i++) {
      NestedField field = fields.get(i);
      path.add(i);
      boolean here =
          field.fieldId() == id
              || field.type().isStructType()
                  && find(field.type().asStructType().fields(), id, path);
      if (here) {
        return true;
      }
      path.remove(path.size() - 1);
    }
    return false;
  }

  int fieldId() {
    return field.fieldId();
  }

  UpdateSketch sketch() {
    return sketch;
  }

  void add(VectorSchemaRoot batch) {
    List<FieldVector> chain = new ArrayList<>();
    FieldVector vector = batch.getVector(path.get(0));
    chain.add(vector);
    for (int i = 1; i < path.size(); i++) {
      vector = vector.getChildrenFromFields().get(path.get(i));
      chain.add(vector);
    }
    chain.removeIf(each -> each.getNullCount() == 0);
    for (int row = 0; row < batch.getRowCount(); row++) {
      if (!isNull(chain, row)) {
        add(vector, row);
      }
    }
  }

  private static boolean isNull(List<FieldVector> chain, int row) {
    for (FieldVector each : chain) {
      if (each.isNull(row)) {
        return true;
      }
    }
    return false;
  }

  private void add(FieldVector vector, int row) {
    long data = vector.getDataBuffer().memoryAddress();
    Type type = field.type();
    switch (type.typeId()) {
      case BOOLEAN -> {
        widths[1][0] = (byte) ((BitVector) vector).get(row);
        sketch.update(widths[1]);
      }
      case INTEGER, DATE, FLOAT -> fixed(data + 4L * row, widths[4]);
      case LONG, TIME, TIMESTAMP, TIMESTAMP_NANO, DOUBLE -> fixed(data + 8L * row, widths[8]);
      case UUID -> fixed(data + 16L * row, widths[16]);
      case DECIMAL -> decimal(data + 16L * row);
      case FIXED -> {
        int length = ((Types.FixedType) type).length();
        bytes(data + (long) length * row, length);
      }
      default -> {
        long offsets = vector.getOffsetBuffer().memoryAddress() + 4L * row;
        int start = MemoryUtil.getInt(offsets);
        bytes(data + start, MemoryUtil.getInt(offsets + 4) - start);
      }
    }
  }

  /** Numbers little-endian, as Arrow has them. */
  private void fixed(long address, byte[] value) {
    MemoryUtil.copyFromMemory(address, value, 0, value.length);
    sketch.update(value);
  }

  private void bytes(long address, int length) {
    if (scratch.capacity() < length) {
      scratch = ByteBuffer.allocate(Math.max(length, scratch.capacity() * 2));
    }
    MemoryUtil.copyFromMemory(address, scratch.array(), 0, length);
    scratch.clear().limit(length);
    sketch.update(scratch);
  }

  /** The shortest big-endian two's complement of the unscaled value. */
  private void decimal(long address) {
    byte sign = (byte) (MemoryUtil.getByte(address + 15) >> 7);
    int length = 16;
    while (length > 1
        && MemoryUtil.getByte(address + length - 1) == sign
        && MemoryUtil.getByte(address + length - 2) >> 7 == sign) {
      length--;
    }
    byte[] value = widths[length];
    for (int i = 0; i < length; i++) {
      value[i] = MemoryUtil.getByte(address + length - 1 - i);
    }
    sketch.update(value);
  }
}
