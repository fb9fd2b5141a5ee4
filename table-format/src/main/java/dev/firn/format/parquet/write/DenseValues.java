package dev.firn.format.parquet.write;

import dev.firn.error.FirnException;
import java.math.BigInteger;
import org.apache.arrow.memory.util.MemoryUtil;
import org.apache.arrow.vector.FieldVector;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.apache.parquet.schema.PrimitiveType;

/** The values of a run, one after the other and encoded PLAIN, for types of a fixed width. */
final class DenseValues {
  private static final int DECIMAL_BYTES = 16;

  private final Leaf leaf;
  private final int width;
  private final boolean decimal;
  private final long least;
  private final long most;

  DenseValues(Leaf leaf) {
    this.leaf = leaf;
    this.width = width(leaf.descriptor().getPrimitiveType());
    this.decimal = leaf.type().typeId() == Type.TypeID.DECIMAL;
    if (decimal && width <= 8) {
      int precision = ((Types.DecimalType) leaf.type()).precision();
      this.most = BigInteger.TEN.pow(precision).longValueExact() - 1;
      this.least = -most;
    } else {
      this.most = 0;
      this.least = 0;
    }
  }

  /** The bytes of a value in the file; 0 where they differ, and for booleans. */
  static int width(PrimitiveType type) {
    return switch (type.getPrimitiveTypeName()) {
      case INT32, FLOAT -> 4;
      case INT64, DOUBLE -> 8;
      case FIXED_LEN_BYTE_ARRAY -> type.getTypeLength();
      default -> 0;
    };
  }

  /** Returns where they stand: in the vector itself, or gathered in {@code scratch}. */
  long of(FieldVector vector, Run run, NativeBuffer scratch) {
    long data = vector.getDataBuffer().memoryAddress();
    int[] slots = run.slots();
    int n = run.count();
    if (decimal) {
      long to = scratch.ensure((long) width * n, 0);
      decimals(data, run, to);
      return to;
    }
    if (slots == null) {
      return data + (long) width * run.first();
    }
    long to = scratch.ensure((long) width * n, 0);
    if (width == 8) {
      for (int i = 0; i < n; i++) {
        MemoryUtil.putLong(to + 8L * i, MemoryUtil.getLong(data + 8L * slots[i]));
      }
    } else if (width == 4) {
      for (int i = 0; i < n; i++) {
        MemoryUtil.putInt(to + 4L * i, MemoryUtil.getInt(data + 4L * slots[i]));
      }
    } else {
      for (int i = 0; i < n; i++) {
        MemoryUtil.copyMemory(data + (long) width * slots[i], to + (long) width * i, width);
      }
    }
    return to;
  }

  private void decimals(long data, Run run, long to) {
    boolean fit = width > 8 ? fixedDecimals(data, run, to) : narrow(data, run, to);
    if (!fit) {
      throw FirnException.invalid(
          "Cannot write rows: column "
              + leaf.name()
              + " holds a number with more digits than its type, expected "
              + leaf.type());
    }
  }

  private boolean narrow(long data, Run run, long to) {
    int[] slots = run.slots();
    int first = run.first();
    boolean fit = true;
    for (int i = 0; i < run.count(); i++) {
      long from = data + (long) DECIMAL_BYTES * (slots == null ? first + i : slots[i]);
      long low = MemoryUtil.getLong(from);
      fit &= MemoryUtil.getLong(from + 8) == low >> 63 && low >= least && low <= most;
      if (width == 8) {
        MemoryUtil.putLong(to + 8L * i, low);
      } else {
        MemoryUtil.putInt(to + 4L * i, (int) low);
      }
    }
    return fit;
  }

  private boolean fixedDecimals(long data, Run run, long to) {
    int[] slots = run.slots();
    int first = run.first();
    int spare = 8 * (DECIMAL_BYTES - width);
    boolean fit = true;
    for (int i = 0; i < run.count(); i++) {
      long from = data + (long) DECIMAL_BYTES * (slots == null ? first + i : slots[i]);
      long low = MemoryUtil.getLong(from);
      long high = MemoryUtil.getLong(from + 8);
      // What does not reach the file must be the sign's.
      fit &= spare == 0 || high << spare >> spare == high;
      long at = to + (long) width * i;
      for (int b = width - 1; b >= 8; b--) {
        MemoryUtil.putByte(at + width - 1 - b, (byte) (high >>> (8 * (b - 8))));
      }
      MemoryUtil.putLong(at + width - 8, Long.reverseBytes(low));
    }
    return fit;
  }
}
