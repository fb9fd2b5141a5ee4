package dev.firn.format.parquet.read;

import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.util.MemoryUtil;
import org.apache.arrow.vector.BaseFixedWidthVector;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.NullVector;
import org.apache.arrow.vector.ipc.message.ArrowFieldNode;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types.NestedField;
import org.jspecify.annotations.Nullable;

/**
 * A vector with one value in all slots. Fills memory that it already filled only where it grows.
 */
final class ConstantFill implements VectorPart {
  private static final int MOST_BYTES = 1 << 30;

  private final FieldVector vector;
  private final byte @Nullable [] value;
  private final boolean isNull;
  private final List<ConstantFill> children = new ArrayList<>();
  private final Slab validity;
  private final Slab offsets;
  private final Slab data;

  /** Where the data was, and for how many slots it is good. */
  private long filledAt;

  private int filled;

  ConstantFill(FieldVector vector, Type type, @Nullable Object value, BufferAllocator allocator) {
    this.vector = vector;
    this.isNull = value == null;
    this.validity = new Slab(allocator);
    this.offsets = new Slab(allocator);
    this.data = new Slab(allocator);
    this.value = value == null || type.isNestedType() ? null : ConstantBytes.of(type, value);
    if (type.isStructType()) {
      List<NestedField> fields = type.asStructType().fields();
      for (int i = 0; i < fields.size(); i++) {
        Object child = value == null ? null : ((StructLike) value).get(i, Object.class);
        children.add(
            new ConstantFill(
                vector.getChildrenFromFields().get(i), fields.get(i).type(), child, allocator));
      }
    } else if (type.isListType() || type.isMapType() || type.isVariantType()) {
      nulls(vector.getChildrenFromFields(), allocator);
    }
  }

  private ConstantFill(FieldVector vector, BufferAllocator allocator) {
    this.vector = vector;
    this.isNull = true;
    this.validity = new Slab(allocator);
    this.offsets = new Slab(allocator);
    this.data = new Slab(allocator);
    this.value = null;
    nulls(vector.getChildrenFromFields(), allocator);
  }

  /** Whatever the children are: they have nulls, or, below a list, no slots at all. */
  private void nulls(List<FieldVector> vectors, BufferAllocator allocator) {
    vectors.forEach(child -> children.add(new ConstantFill(child, allocator)));
  }

  /** The most slots whose bytes one vector can hold. */
  int mostSlots() {
    int most = value == null ? Integer.MAX_VALUE : MOST_BYTES / Math.max(1, value.length);
    for (ConstantFill child : children) {
      most = Math.min(most, child.mostSlots());
    }
    return Math.max(1, most);
  }

  @Override
  public void load(int slots) {
    if (vector instanceof NullVector) {
      vector.setValueCount(slots);
      return;
    }
    ArrowBuf valid = validity.ensure(Bitmaps.bytes(slots), 0);
    Bitmaps.fill(valid.memoryAddress(), 0, slots, !isNull);
    ArrowFieldNode node = new ArrowFieldNode(slots, -1);
    switch (vector.getMinorType()) {
      case STRUCT -> {
        children.forEach(child -> child.load(slots));
        vector.loadFieldBuffers(node, List.of(valid));
      }
      case LIST, MAP -> {
        children.forEach(child -> child.load(0));
        vector.loadFieldBuffers(node, List.of(valid, starts(slots, 0)));
      }
      case VARCHAR, VARBINARY -> {
        int length = value == null ? 0 : value.length;
        vector.loadFieldBuffers(
            node, List.of(valid, starts(slots, length), repeated(slots, length)));
      }
      default -> vector.loadFieldBuffers(node, List.of(valid, fixed(slots)));
    }
    validity.close();
    offsets.close();
    data.close();
  }

  private ArrowBuf starts(int slots, int length) {
    ArrowBuf starts = offsets.ensure((slots + 1L) * Integer.BYTES, 0);
    long address = starts.memoryAddress();
    for (int i = 0; i <= slots; i++) {
      MemoryUtil.putInt(address + (long) i * Integer.BYTES, i * length);
    }
    return starts;
  }

  private ArrowBuf fixed(int slots) {
    if (vector instanceof BitVector) {
      ArrowBuf bits = data.ensure(Bitmaps.bytes(slots), 0);
      Bitmaps.fill(bits.memoryAddress(), 0, slots, value != null && value[0] != 0);
      return bits;
    }
    return repeated(slots, ((BaseFixedWidthVector) vector).getTypeWidth());
  }

  private ArrowBuf repeated(int slots, int width) {
    ArrowBuf all = data.ensure((long) slots * width, 0);
    long address = all.memoryAddress();
    if (address == filledAt && slots <= filled) {
      return all;
    }
    filledAt = address;
    filled = slots;
    if (value == null) {
      MemoryUtil.setMemory(address, (long) slots * width, (byte) 0);
    } else if (slots > 0) {
      MemoryUtil.copyToMemory(value, 0, address, width);
      long end = (long) slots * width;
      for (long done = width; done > 0 && done < end; done += done) {
        MemoryUtil.copyMemory(address, address + done, Math.min(done, end - done));
      }
    }
    return all;
  }

  @Override
  public void recycle() {
    if (!(vector instanceof NullVector)) {
      validity.recycle(vector.getValidityBuffer());
    }
    switch (vector.getMinorType()) {
      case NULL, STRUCT -> {}
      case LIST, MAP -> offsets.recycle(vector.getOffsetBuffer());
      case VARCHAR, VARBINARY -> {
        offsets.recycle(vector.getOffsetBuffer());
        data.recycle(vector.getDataBuffer());
      }
      default -> data.recycle(vector.getDataBuffer());
    }
    if (!data.isHeld()) {
      filled = 0;
    }
    children.forEach(ConstantFill::recycle);
  }

  @Override
  public void close() {
    validity.close();
    offsets.close();
    data.close();
    children.forEach(ConstantFill::close);
  }
}
