package dev.firn.scan.plan;

import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.util.Comparator;
import java.util.List;
import org.apache.iceberg.types.Comparators;
import org.apache.iceberg.types.Conversions;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.util.NaNUtil;
import org.jspecify.annotations.Nullable;

/** Lower or upper bounds of one field in one chunk, to be compared with literals of its type. */
abstract sealed class Bounds {
  /** Whether the row has no bound. */
  abstract boolean missing(int row);

  /** Whether the row's bound is NaN. */
  abstract boolean nan(int row);

  /** The order of the row's bound and a literal, by its index. */
  abstract int compare(int row, int literal);

  /** Whether every bound is there and greater than the literal, or equal where {@code orEqual}. */
  abstract boolean allAbove(int literal, boolean orEqual);

  /** Whether every bound is there and less than the literal, or equal where {@code orEqual}. */
  abstract boolean allBelow(int literal, boolean orEqual);

  /**
   * @param column null where no row has a bound
   * @param literals values as Iceberg represents those of {@code type}
   */
  static Bounds of(@Nullable BytesColumn column, Type type, List<?> literals) {
    if (column instanceof NumberBytes numbers && Numbers.fits(numbers, type, literals)) {
      return new Numbers(numbers.numbers(), type, literals);
    }
    return new Objects(column, type, literals);
  }

  /** Bounds whose order is that of whole numbers. */
  private static final class Numbers extends Bounds {
    private static final long NAN = Long.MAX_VALUE;

    private final LongColumn column;
    private final Type.TypeID type;
    private final long[] literals;

    Numbers(LongColumn column, Type type, List<?> literals) {
      this.column = column;
      this.type = type.typeId();
      this.literals = literals.stream().mapToLong(each -> literal(this.type, each)).toArray();
    }

    static boolean fits(NumberBytes numbers, Type type, List<?> literals) {
      return switch (type.typeId()) {
        case INTEGER, DATE, FLOAT -> numbers.length() == 4;
        case LONG, TIME, TIMESTAMP, TIMESTAMP_NANO ->
            numbers.length() == 4 || numbers.length() == 8;
        case DOUBLE -> numbers.length() == 8;
        case DECIMAL ->
            numbers.length() <= 1
                && literals.stream()
                    .allMatch(
                        each ->
                            ((BigDecimal) each).scale() == ((Types.DecimalType) type).scale()
                                && ((BigDecimal) each).unscaledValue().bitLength() < 64);
        default -> false;
      };
    }

    private static long literal(Type.TypeID type, Object value) {
      return switch (type) {
        case FLOAT -> sortable(type, Float.floatToRawIntBits((Float) value));
        case DOUBLE -> sortable(type, Double.doubleToRawLongBits((Double) value));
        case DECIMAL -> ((BigDecimal) value).unscaledValue().longValueExact();
        default -> ((Number) value).longValue();
      };
    }

    /** A number in the order that its type has. */
    private static long sortable(Type.TypeID type, long stored) {
      return switch (type) {
        case FLOAT ->
            Float.isNaN(Float.intBitsToFloat((int) stored))
                ? NAN
                : stored ^ ((stored >> 31) & 0x7fffffffL);
        case DOUBLE ->
            Double.isNaN(Double.longBitsToDouble(stored))
                ? NAN
                : stored ^ ((stored >> 63) & Long.MAX_VALUE);
        default -> stored;
      };
    }

    private boolean floating() {
      return type == Type.TypeID.FLOAT || type == Type.TypeID.DOUBLE;
    }

    @Override
    boolean missing(int row) {
      return column.isNull(row);
    }

    @Override
    boolean nan(int row) {
      return floating() && sortable(type, column.get(row)) == NAN;
    }

    @Override
    int compare(int row, int literal) {
      return Long.compare(sortable(type, column.get(row)), literals[literal]);
    }

    @Override
    boolean allAbove(int literal, boolean orEqual) {
      return !floating()
          && !column.hasNulls()
          && (column.min() > literals[literal] || (orEqual && column.min() == literals[literal]));
    }

    @Override
    boolean allBelow(int literal, boolean orEqual) {
      return !floating()
          && !column.hasNulls()
          && (column.max() < literals[literal] || (orEqual && column.max() == literals[literal]));
    }
  }

  /** Bounds as Iceberg represents them. */
  private static final class Objects extends Bounds {
    private final @Nullable BytesColumn column;
    private final Type type;
    private final List<?> literals;
    private final Comparator<Object> order;
    private final @Nullable Object[] entries;

    Objects(@Nullable BytesColumn column, Type type, List<?> literals) {
      this.column = column;
      this.type = type;
      this.literals = literals;
      this.order = Comparators.forType(type.asPrimitiveType());
      this.entries =
          column instanceof DictionaryBytes dictionary
              ? new Object[dictionary.size()]
              : new Object[0];
    }

    private Object value(int row) {
      if (column instanceof DictionaryBytes dictionary) {
        int code = dictionary.code(row);
        Object known = entries[code];
        if (known == null) {
          known = Conversions.fromByteBuffer(type, ByteBuffer.wrap(dictionary.entry(code)));
          entries[code] = known;
        }
        return known;
      }
      if (column == null) {
        throw new IllegalStateException("row " + row + " has no bound");
      }
      return Conversions.fromByteBuffer(type, ByteBuffer.wrap(column.get(row)));
    }

    @Override
    boolean missing(int row) {
      return column == null || column.isNull(row);
    }

    @Override
    boolean nan(int row) {
      return NaNUtil.isNaN(value(row));
    }

    @Override
    int compare(int row, int literal) {
      return order.compare(value(row), literals.get(literal));
    }

    @Override
    boolean allAbove(int literal, boolean orEqual) {
      return false;
    }

    @Override
    boolean allBelow(int literal, boolean orEqual) {
      return false;
    }
  }
}
