package dev.firn.format.parquet.filter;

import dev.firn.error.FirnException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.util.MemoryUtil;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.NullVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.complex.StructVector;
import org.apache.arrow.vector.types.pojo.Field;

/**
 * A column of a batch, top-level or below structs. A value under a null struct is null. A cursor
 * over batches; confined to one thread. Borrows the vectors of the batch loaded.
 */
final class ColumnPath {
  private final List<Field> path;
  private final List<FieldVector> vectors = new ArrayList<>();
  private int rows;

  /** {@code path} leads from the top-level column to the field itself. */
  ColumnPath(List<Field> path) {
    this.path = List.copyOf(path);
  }

  /** The field's own vector. */
  FieldVector vector() {
    return vectors.get(vectors.size() - 1);
  }

  int rows() {
    return rows;
  }

  void load(VectorSchemaRoot batch, int rowCount) {
    vectors.clear();
    rows = rowCount;
    FieldVector vector = batch.getVector(path.get(0).getName());
    add(vector, path.get(0));
    for (Field field : path.subList(1, path.size())) {
      vector = ((StructVector) vector()).getChild(field.getName());
      add(vector, field);
    }
  }

  private void add(FieldVector vector, Field field) {
    if (vector == null || !vector.getField().getType().equals(field.getType())) {
      throw misfit(field, vector == null ? "no such column" : vector.getField().getType());
    }
    if (vector.getField().getDictionary() != null) {
      throw misfit(field, "a dictionary-encoded column");
    }
    if (vector.getValueCount() < rows) {
      throw misfit(field, vector.getValueCount() + " values, for " + rows + " rows");
    }
    vectors.add(vector);
  }

  private FirnException misfit(Field field, Object got) {
    return FirnException.invalid(
        "Cannot filter a batch: its columns are not the filter's, expected "
            + field.getName()
            + " as "
            + field.getType()
            + ", got "
            + got);
  }

  /** The address of {@code rows()} values of {@code width} bytes each. */
  long values(int width) {
    ArrowBuf data = vector().getDataBuffer();
    require(data, (long) rows * width);
    return data.memoryAddress();
  }

  /** The address of {@code rows()} values of one bit each. */
  long bits() {
    ArrowBuf data = vector().getDataBuffer();
    require(data, (rows + 7L) >>> 3);
    return data.memoryAddress();
  }

  /** The address of {@code rows() + 1} offsets of 32 bits. */
  long offsets() {
    ArrowBuf offsets = vector().getOffsetBuffer();
    require(offsets, 4L * rows + 4);
    return offsets.memoryAddress();
  }

  /** The address of {@code length} bytes of variable-length values. */
  long data(int length) {
    ArrowBuf data = vector().getDataBuffer();
    require(data, length);
    return data.memoryAddress();
  }

  /** Clears the bits of rows where the value or a struct around it is null. */
  void retainPresent(long[] keep) {
    for (FieldVector vector : vectors) {
      retainPresent(vector, keep);
    }
  }

  /** Clears the bits of rows where neither the value nor a struct around it is null. */
  void retainNull(long[] keep) {
    int words = RowTest.words(rows);
    long[] present = new long[words];
    System.arraycopy(keep, 0, present, 0, words);
    retainPresent(present);
    for (int i = 0; i < words; i++) {
      keep[i] &= ~present[i];
    }
  }

  private void retainPresent(FieldVector vector, long[] keep) {
    int words = RowTest.words(rows);
    if (vector instanceof NullVector) {
      Arrays.fill(keep, 0, words, 0L);
      return;
    }
    ArrowBuf validity = vector.getValidityBuffer();
    if (validity.capacity() == 0) {
      return; // Arrow lets a vector without nulls have no bitmap.
    }
    require(validity, (rows + 7L) >>> 3);
    for (int i = 0; i < words; i++) {
      if (keep[i] != 0) {
        keep[i] &= bitmapWord(validity.memoryAddress(), i, rows);
      }
    }
  }

  private void require(ArrowBuf buffer, long bytes) {
    if (buffer.capacity() < bytes) {
      throw misfit(path.get(path.size() - 1), "a buffer of " + buffer.capacity() + " bytes");
    }
  }

  /** Bits {@code 64 * index} and on of a bitmap of {@code bits} bits; unspecified past its end. */
  static long bitmapWord(long address, int index, int bits) {
    long from = address + 8L * index;
    int bytes = (bits - 64 * index + 7) >>> 3;
    if (bytes >= 8) {
      return MemoryUtil.getLong(from);
    }
    long word = 0;
    for (int i = 0; i < bytes; i++) {
      word |= (MemoryUtil.getByte(from + i) & 0xFFL) << (8 * i);
    }
    return word;
  }
}
