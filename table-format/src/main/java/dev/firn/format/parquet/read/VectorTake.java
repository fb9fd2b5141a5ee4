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

/** Some slots of a vector as another vector of the same type. Stateless. */
final class VectorTake {
  private VectorTake() {}

  /** Loads {@code to} with the {@code count} first slots of {@code take}. */
  static void take(
      FieldVector from, int[] take, int count, FieldVector to, BufferAllocator allocator) {
    if (from instanceof NullVector) {
      to.setValueCount(count);
      return;
    }
    List<ArrowBuf> buffers = new ArrayList<>();
    try {
      buffers.add(bits(from.getValidityBufferAddress(), take, count, allocator));
      switch (from.getMinorType()) {
        case STRUCT -> {
          List<FieldVector> children = from.getChildrenFromFields();
          for (int i = 0; i < children.size(); i++) {
            take(children.get(i), take, count, to.getChildrenFromFields().get(i), allocator);
          }
        }
        case LIST, MAP -> lists(from, take, count, to, allocator, buffers);
        case VARCHAR, VARBINARY -> variable(from, take, count, allocator, buffers);
        default -> buffers.add(fixed(from, take, count, allocator));
      }
      to.loadFieldBuffers(new ArrowFieldNode(count, -1), buffers);
    } finally {
      buffers.forEach(ArrowBuf::close);
    }
  }

  private static ArrowBuf bits(long source, int[] take, int count, BufferAllocator allocator) {
    ArrowBuf bits = allocator.buffer(Bitmaps.bytes(count));
    long target = bits.memoryAddress();
    long word = 0;
    for (int i = 0; i < count; i++) {
      word |= (Bitmaps.get(source, take[i]) ? 1L : 0L) << i;
      if ((i & 63) == 63) {
        MemoryUtil.putLong(target + ((i >>> 6) << 3), word);
        word = 0;
      }
    }
    if ((count & 63) != 0) {
      // The bitmap has a word more than its bits need.
      MemoryUtil.putLong(target + ((count >>> 6) << 3), word);
    }
    return bits;
  }

  private static ArrowBuf fixed(
      FieldVector from, int[] take, int count, BufferAllocator allocator) {
    long source = from.getDataBufferAddress();
    if (from instanceof BitVector) {
      return bits(source, take, count, allocator);
    }
    int width = ((BaseFixedWidthVector) from).getTypeWidth();
    ArrowBuf values = allocator.buffer(Math.max(1, (long) count * width));
    long target = values.memoryAddress();
    for (int i = 0; i < count; i++) {
      long at = source + (long) take[i] * width;
      switch (width) {
        case Integer.BYTES -> MemoryUtil.putInt(target, MemoryUtil.getInt(at));
        case Long.BYTES -> MemoryUtil.putLong(target, MemoryUtil.getLong(at));
        default -> MemoryUtil.copyMemory(at, target, width);
      }
      target += width;
    }
    return values;
  }

  private static void variable(
      FieldVector from, int[] take, int count, BufferAllocator allocator, List<ArrowBuf> buffers) {
    long starts = from.getOffsetBufferAddress();
    ArrowBuf offsets = allocator.buffer((count + 1L) * Integer.BYTES);
    buffers.add(offsets);
    int end = 0;
    for (int i = 0; i < count; i++) {
      offsets.setInt((long) i * Integer.BYTES, end);
      end += length(starts, take[i]);
    }
    offsets.setInt((long) count * Integer.BYTES, end);
    ArrowBuf bytes = allocator.buffer(Math.max(1, end));
    buffers.add(bytes);
    long source = from.getDataBufferAddress();
    long target = bytes.memoryAddress();
    for (int i = 0; i < count; i++) {
      int length = length(starts, take[i]);
      MemoryUtil.copyMemory(source + start(starts, take[i]), target, length);
      target += length;
    }
  }

  private static void lists(
      FieldVector from,
      int[] take,
      int count,
      FieldVector to,
      BufferAllocator allocator,
      List<ArrowBuf> buffers) {
    long starts = from.getOffsetBufferAddress();
    ArrowBuf offsets = allocator.buffer((count + 1L) * Integer.BYTES);
    buffers.add(offsets);
    int elements = 0;
    for (int i = 0; i < count; i++) {
      offsets.setInt((long) i * Integer.BYTES, elements);
      elements += length(starts, take[i]);
    }
    offsets.setInt((long) count * Integer.BYTES, elements);
    int[] inner = new int[elements];
    int at = 0;
    for (int i = 0; i < count; i++) {
      int end = start(starts, take[i] + 1);
      for (int element = start(starts, take[i]); element < end; element++) {
        inner[at++] = element;
      }
    }
    FieldVector child = from.getChildrenFromFields().get(0);
    take(child, inner, elements, to.getChildrenFromFields().get(0), allocator);
  }

  private static int start(long offsets, int slot) {
    return MemoryUtil.getInt(offsets + (long) slot * Integer.BYTES);
  }

  private static int length(long offsets, int slot) {
    return start(offsets, slot + 1) - start(offsets, slot);
  }
}
