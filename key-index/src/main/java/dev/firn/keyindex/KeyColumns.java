package dev.firn.keyindex;

import java.nio.ByteOrder;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongUnaryOperator;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.vector.BitVectorHelper;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.complex.StructVector;

/**
 * The key columns of one batch after the other: their hashes, and whether two keys are equal. A
 * view that is loaded with each batch and valid as long as that. Confined to one thread.
 *
 * <p>How it works: the values of a key that fits 64 bits are joined and mixed by a bijection. Of
 * other keys each value is mixed in, eight bytes at a time.
 */
final class KeyColumns {
  private static final long FACTOR = 0x9E37_79B9_7F4A_7C15L;
  private static final long SEED = 0x6A09_E667_F3BC_C908L;

  /** A leaf's vectors: itself and the structs that it is in. */
  private record Column(KeyLayout.Leaf leaf, FieldVector vector, List<FieldVector> parents) {
    boolean mayBeNull() {
      return vector.getNullCount() > 0 || parents.stream().anyMatch(p -> p.getNullCount() > 0);
    }

    boolean isNull(int row) {
      return vector.isNull(row) || parents.stream().anyMatch(p -> p.isNull(row));
    }
  }

  private final KeyLayout layout;
  private final LongUnaryOperator seam;
  private List<Column> columns = List.of();
  private boolean anyNull;
  private long[] hashes = new long[0];

  /** {@code seam} is applied to the hashes of keys that do not fit 64 bits. */
  KeyColumns(KeyLayout layout, LongUnaryOperator seam) {
    this.layout = layout;
    this.seam = seam;
  }

  /** Looks at columns of the key's schema, in the layout of {@code ArrowSchemas.toArrow}. */
  void load(List<FieldVector> vectors) {
    List<Column> loaded = new ArrayList<>();
    for (KeyLayout.Leaf leaf : layout.leaves()) {
      FieldVector vector = vectors.get(leaf.path().get(0));
      List<FieldVector> parents = new ArrayList<>();
      for (int child : leaf.path().subList(1, leaf.path().size())) {
        parents.add(vector);
        vector = (FieldVector) ((StructVector) vector).getChildByOrdinal(child);
      }
      loaded.add(new Column(leaf, vector, parents));
    }
    columns = loaded;
    anyNull = loaded.stream().anyMatch(Column::mayBeNull);
  }

  /** Whether some part of the row's key is null. */
  boolean isNull(int row) {
    return anyNull && columns.stream().anyMatch(column -> column.isNull(row));
  }

  /** Whether some key of the batch may be null. */
  boolean mayBeNull() {
    return anyNull;
  }

  /** Returns the hashes of the first {@code rows} rows, valid until the next call. */
  long[] hashes(int rows) {
    if (hashes.length < rows) {
      hashes = new long[rows];
    }
    if (layout.exact()) {
      joined(rows);
    } else {
      mixed(rows);
    }
    return hashes;
  }

  /** Returns one of the hashes computed last. */
  long hash(int row) {
    return hashes[row];
  }

  private void joined(int rows) {
    java.util.Arrays.fill(hashes, 0, rows, 0);
    for (Column column : columns) {
      ArrowBuf data = column.vector().getDataBuffer();
      switch (column.leaf().bytes()) {
        case 0 -> {
          for (int i = 0; i < rows; i++) {
            hashes[i] = hashes[i] << 1 | BitVectorHelper.get(data, i);
          }
        }
        case Integer.BYTES -> {
          IntBuffer values = ints(data, rows);
          for (int i = 0; i < rows; i++) {
            hashes[i] = hashes[i] << Integer.SIZE | Integer.toUnsignedLong(values.get(i));
          }
        }
        default ->
            data.nioBuffer(0, rows * Long.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .asLongBuffer()
                .get(hashes, 0, rows);
      }
    }
    for (int i = 0; i < rows; i++) {
      hashes[i] = spread(hashes[i]);
    }
  }

  private static IntBuffer ints(ArrowBuf data, int rows) {
    return data.nioBuffer(0, rows * Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN).asIntBuffer();
  }

  /** A bijection. */
  private static long spread(long value) {
    long hash = value;
    hash = (hash ^ (hash >>> 33)) * 0xFF51_AFD7_ED55_8CCDL;
    hash = (hash ^ (hash >>> 33)) * 0xC4CE_B9FE_1A85_EC53L;
    return hash ^ (hash >>> 33);
  }

  private void mixed(int rows) {
    java.util.Arrays.fill(hashes, 0, rows, SEED);
    for (Column column : columns) {
      ArrowBuf data = column.vector().getDataBuffer();
      switch (column.leaf().bytes()) {
        case 0 -> {
          for (int i = 0; i < rows; i++) {
            hashes[i] = mix(hashes[i], BitVectorHelper.get(data, i));
          }
        }
        case Integer.BYTES -> {
          for (int i = 0; i < rows; i++) {
            hashes[i] = mix(hashes[i], data.getInt((long) i * Integer.BYTES));
          }
        }
        case Long.BYTES -> {
          for (int i = 0; i < rows; i++) {
            hashes[i] = mix(hashes[i], data.getLong((long) i * Long.BYTES));
          }
        }
        default -> mixBytes(column, data, rows);
      }
    }
    for (int i = 0; i < rows; i++) {
      hashes[i] = seam.applyAsLong(spread(hashes[i]));
    }
  }

  private void mixBytes(Column column, ArrowBuf data, int rows) {
    int bytes = column.leaf().bytes();
    if (bytes > 0) {
      for (int i = 0; i < rows; i++) {
        hashes[i] = mix(hashes[i], data, (long) i * bytes, bytes);
      }
      return;
    }
    ArrowBuf offsets = column.vector().getOffsetBuffer();
    int start = rows == 0 ? 0 : offsets.getInt(0);
    for (int i = 0; i < rows; i++) {
      int end = offsets.getInt((i + 1L) * Integer.BYTES);
      hashes[i] = mix(mix(hashes[i], data, start, end - start), end - start);
      start = end;
    }
  }

  private static long mix(long hash, ArrowBuf data, long from, int length) {
    long mixed = hash;
    long at = from;
    long words = from + (length & ~7);
    for (; at < words; at += Long.BYTES) {
      mixed = mix(mixed, data.getLong(at));
    }
    long end = from + length;
    if (at < end) {
      long tail = 0;
      for (; at < end; at++) {
        tail = tail << Byte.SIZE | (data.getByte(at) & 0xff);
      }
      mixed = mix(mixed, tail);
    }
    return mixed;
  }

  private static long mix(long hash, long value) {
    long product = (hash ^ value) * FACTOR;
    return product ^ (product >>> 32);
  }

  /** Whether the keys of two rows are equal; null is equal to nothing. */
  boolean same(int row, KeyColumns other, int otherRow) {
    for (int i = 0; i < columns.size(); i++) {
      if (!same(columns.get(i), row, other.columns.get(i), otherRow)) {
        return false;
      }
    }
    return true;
  }

  private static boolean same(Column left, int row, Column right, int otherRow) {
    if (left.isNull(row) || right.isNull(otherRow)) {
      return false;
    }
    ArrowBuf mine = left.vector().getDataBuffer();
    ArrowBuf others = right.vector().getDataBuffer();
    int bytes = left.leaf().bytes();
    if (bytes == 0) {
      return BitVectorHelper.get(mine, row) == BitVectorHelper.get(others, otherRow);
    }
    if (bytes > 0) {
      return sameBytes(mine, (long) row * bytes, others, (long) otherRow * bytes, bytes);
    }
    ArrowBuf ends = left.vector().getOffsetBuffer();
    ArrowBuf otherEnds = right.vector().getOffsetBuffer();
    int start = ends.getInt((long) row * Integer.BYTES);
    int length = ends.getInt((row + 1L) * Integer.BYTES) - start;
    int otherStart = otherEnds.getInt((long) otherRow * Integer.BYTES);
    int otherLength = otherEnds.getInt((otherRow + 1L) * Integer.BYTES) - otherStart;
    return length == otherLength && sameBytes(mine, start, others, otherStart, length);
  }

  private static boolean sameBytes(
      ArrowBuf left, long from, ArrowBuf right, long otherFrom, int length) {
    int at = 0;
    for (; at + Long.BYTES <= length; at += Long.BYTES) {
      if (left.getLong(from + at) != right.getLong(otherFrom + at)) {
        return false;
      }
    }
    for (; at < length; at++) {
      if (left.getByte(from + at) != right.getByte(otherFrom + at)) {
        return false;
      }
    }
    return true;
  }
}
