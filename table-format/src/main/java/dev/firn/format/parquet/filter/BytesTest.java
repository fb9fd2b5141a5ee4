package dev.firn.format.parquet.filter;

import org.apache.arrow.memory.util.MemoryUtil;
import org.apache.arrow.vector.VectorSchemaRoot;

/**
 * Tests of strings and binaries by their bytes, of fixed and variable length. UTF-8 orders by bytes
 * as Iceberg orders characters.
 */
abstract sealed class BytesTest implements RowTest {
  private final ColumnPath column;
  private final int width;

  /** {@code width} is each value's length in bytes, or 0 for variable length. */
  private BytesTest(ColumnPath column, int width) {
    this.column = column;
    this.width = width;
  }

  abstract boolean passes(long address, int length);

  @Override
  public void load(VectorSchemaRoot batch, int rows) {
    column.load(batch, rows);
  }

  @Override
  public void retain(long[] keep) {
    column.retainPresent(keep);
    if (width == 0) {
      retainVariable(keep);
    } else {
      retainFixed(keep);
    }
  }

  private void retainVariable(long[] keep) {
    int rows = column.rows();
    if (rows == 0) {
      return;
    }
    long offsets = column.offsets();
    long data = column.data(MemoryUtil.getInt(offsets + 4L * rows));
    for (int i = 0; i < RowTest.words(rows); i++) {
      long passed = 0;
      for (long left = keep[i]; left != 0; left &= left - 1) {
        int row = (i << 6) + Long.numberOfTrailingZeros(left);
        int start = MemoryUtil.getInt(offsets + 4L * row);
        int end = MemoryUtil.getInt(offsets + 4L * row + 4);
        if (passes(data + start, end - start)) {
          passed |= left & -left;
        }
      }
      keep[i] = passed;
    }
  }

  private void retainFixed(long[] keep) {
    long data = column.values(width);
    for (int i = 0; i < RowTest.words(column.rows()); i++) {
      long passed = 0;
      for (long left = keep[i]; left != 0; left &= left - 1) {
        int row = (i << 6) + Long.numberOfTrailingZeros(left);
        if (passes(data + (long) row * width, width)) {
          passed |= left & -left;
        }
      }
      keep[i] = passed;
    }
  }

  /** Order against one value. */
  static final class Order extends BytesTest {
    private final byte[] value;
    private final boolean below;
    private final boolean at;
    private final boolean above;

    Order(ColumnPath column, int width, byte[] value, boolean below, boolean at, boolean above) {
      super(column, width);
      this.value = value;
      this.below = below;
      this.at = at;
      this.above = above;
    }

    @Override
    boolean passes(long address, int length) {
      int order = ByteStrings.compare(address, length, value);
      return order < 0 ? below : order == 0 ? at : above;
    }
  }

  /** Equality with one value, or the lack of it. */
  static final class Equal extends BytesTest {
    private final byte[] value;
    private final boolean wanted;

    Equal(ColumnPath column, int width, byte[] value, boolean wanted) {
      super(column, width);
      this.value = value;
      this.wanted = wanted;
    }

    @Override
    boolean passes(long address, int length) {
      return ByteStrings.equal(address, length, value) == wanted;
    }
  }

  /** Whether a value starts with a prefix, or does not. */
  static final class Prefix extends BytesTest {
    private final byte[] prefix;
    private final boolean wanted;

    Prefix(ColumnPath column, byte[] prefix, boolean wanted) {
      super(column, 0);
      this.prefix = prefix;
      this.wanted = wanted;
    }

    @Override
    boolean passes(long address, int length) {
      return ByteStrings.startsWith(address, length, prefix) == wanted;
    }
  }

  /** Membership of a set of values, or the lack of it. */
  static final class In extends BytesTest {
    private final ByteStrings.Set set;
    private final boolean wanted;

    In(ColumnPath column, int width, ByteStrings.Set set, boolean wanted) {
      super(column, width);
      this.set = set;
      this.wanted = wanted;
    }

    @Override
    boolean passes(long address, int length) {
      return set.contains(address, length) == wanted;
    }
  }
}
