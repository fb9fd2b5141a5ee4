package dev.firn.format.write.key;

import dev.firn.format.write.key.Values.Kind;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.util.MemoryUtil;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.iceberg.NullOrder;
import org.apache.iceberg.Schema;
import org.apache.iceberg.SortDirection;
import org.apache.iceberg.SortField;
import org.apache.iceberg.SortOrder;
import org.apache.iceberg.types.Type;

/**
 * Sort keys of one sort order: normalised, so that comparing two rows is comparing two byte
 * strings. Equal to Iceberg's comparators. Confined to one thread.
 *
 * <p>Form: per field a byte for null or not (only where the field may be null), then the value: a
 * number big-endian with its sign flipped, a byte string with each zero doubled into 00 FF and 00
 * 00 at its end, so that no key is the start of another; inverted where descending.
 */
public final class SortKeys implements RowOrder {
  private final List<Part> parts = new ArrayList<>();

  /** {@code nullByte} is what stands for null; the other of 0 and 1 stands for a value. */
  private record Part(KeyColumn column, boolean descending, int nullByte) {
    int width() {
      return switch (column.result().typeId()) {
        case BOOLEAN -> 1;
        case INTEGER, DATE, FLOAT -> 4;
        case STRING, BINARY, FIXED, UUID -> 0;
        default -> 8;
      };
    }
  }

  /** {@code schema} is that of the batches, of the types of {@code ArrowSchemas.toArrow}. */
  public SortKeys(SortOrder order, Schema schema) {
    for (SortField field : order.fields()) {
      KeyColumn column = KeyColumn.of(schema, field.sourceId(), field.transform());
      boolean descending = field.direction() == SortDirection.DESC;
      parts.add(new Part(column, descending, field.nullOrder() == NullOrder.NULLS_FIRST ? 0 : 1));
    }
  }

  @Override
  public Keys of(VectorSchemaRoot batch, BufferAllocator allocator) {
    int count = batch.getRowCount();
    List<Values> values = new ArrayList<>();
    int[] starts = new int[count + 1];
    for (Part part : parts) {
      Values read = part.column().read(batch, 0, count);
      measure(part, read, starts);
      values.add(read);
    }
    for (int i = 0; i < count; i++) {
      starts[i + 1] = Math.addExact(starts[i], starts[i + 1]);
    }
    ArrowBuf bytes = allocator.buffer(starts[count] + 8L);
    int[] cursors = starts.clone();
    for (int p = 0; p < values.size(); p++) {
      write(parts.get(p), values.get(p), bytes.memoryAddress(), cursors);
    }
    return new Keys(bytes, starts);
  }

  /** Adds to {@code lengths}, from index 1, what each row's key needs for the field. */
  private static void measure(Part part, Values values, int[] lengths) {
    int flag = part.column().nullable() ? 1 : 0;
    int width = values.kind == Kind.WIDE ? 16 : part.width();
    for (int i = 0; i < values.count; i++) {
      int length = values.lengths[i];
      if (length >= 0 && values.kind == Kind.BYTES) {
        lengths[i + 1] += flag + length + zeros(values.words[i], length) + 2;
      } else {
        lengths[i + 1] += flag + (length < 0 ? 0 : width);
      }
    }
  }

  private static int zeros(long address, int length) {
    int zeros = 0;
    for (int i = 0; i < length; i++) {
      zeros += MemoryUtil.getByte(address + i) == 0 ? 1 : 0;
    }
    return zeros;
  }

  private static void write(Part part, Values values, long to, int[] cursors) {
    if (part.column().nullable()) {
      for (int i = 0; i < values.count; i++) {
        int flag = values.isNull(i) ? part.nullByte() : 1 - part.nullByte();
        MemoryUtil.putByte(to + cursors[i]++, (byte) flag);
      }
    }
    switch (values.kind) {
      case BYTES -> writeBytes(part, values, to, cursors);
      case LONG -> writeLongs(part, values, to, cursors);
      case WIDE -> writeWide(part, values, to, cursors);
    }
  }

  private static void writeLongs(Part part, Values values, long to, int[] cursors) {
    long inverted = part.descending() ? -1 : 0;
    int width = part.width();
    for (int i = 0; i < values.count; i++) {
      if (values.isNull(i)) {
        continue;
      }
      long word = (values.words[i] ^ (Long.MIN_VALUE >> (64 - 8 * width))) ^ inverted;
      long address = to + cursors[i];
      cursors[i] += width;
      switch (width) {
        case 1 -> MemoryUtil.putByte(address, (byte) word);
        case 4 -> MemoryUtil.putInt(address, Integer.reverseBytes((int) word));
        default -> MemoryUtil.putLong(address, Long.reverseBytes(word));
      }
    }
  }

  private static void writeWide(Part part, Values values, long to, int[] cursors) {
    long inverted = part.descending() ? -1 : 0;
    for (int i = 0; i < values.count; i++) {
      if (values.isNull(i)) {
        continue;
      }
      long high = values.highs[i] ^ Long.MIN_VALUE ^ inverted;
      MemoryUtil.putLong(to + cursors[i], Long.reverseBytes(high));
      MemoryUtil.putLong(to + cursors[i] + 8, Long.reverseBytes(values.words[i] ^ inverted));
      cursors[i] += 16;
    }
  }

  private static void writeBytes(Part part, Values values, long to, int[] cursors) {
    int inverted = part.descending() ? 0xff : 0;
    // Iceberg orders uuids as Java does: as two signed halves.
    boolean halves = part.column().result().typeId() == Type.TypeID.UUID;
    for (int i = 0; i < values.count; i++) {
      long from = values.words[i];
      long at = to + cursors[i];
      int length = values.lengths[i];
      if (length < 0) {
        continue;
      }
      for (int b = 0; b < length; b++) {
        int value = MemoryUtil.getByte(from + b);
        value = halves && (b & 7) == 0 ? value ^ 0x80 : value;
        MemoryUtil.putByte(at++, (byte) (value ^ inverted));
        if (value == 0) {
          MemoryUtil.putByte(at++, (byte) ~inverted);
        }
      }
      MemoryUtil.putByte(at++, (byte) inverted);
      MemoryUtil.putByte(at++, (byte) inverted);
      cursors[i] = (int) (at - to);
    }
  }
}
