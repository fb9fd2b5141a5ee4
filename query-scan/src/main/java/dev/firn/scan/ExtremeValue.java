package dev.firn.scan;

import java.nio.ByteBuffer;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.data.IdentityPartitionConverters;
import org.apache.iceberg.types.Comparators;
import org.apache.iceberg.types.Conversions;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Type.TypeID;
import org.apache.iceberg.types.Types.NestedField;
import org.apache.iceberg.util.ByteBuffers;
import org.apache.iceberg.util.NaNUtil;
import org.jspecify.annotations.Nullable;

/**
 * The lowest or the highest value of a column, from files' metadata where that is exact and from
 * values otherwise. NaN is the highest, -0.0 below 0.0. Confined to one thread.
 */
final class ExtremeValue {
  private final NestedField column;
  private final Type type;
  private final Comparator<Object> order;
  private final boolean highest;
  private @Nullable Object best;

  ExtremeValue(NestedField column, Extreme which) {
    this.column = column;
    this.type = column.type();
    this.highest = which == Extreme.HIGHEST;
    Comparator<Object> ascending = Comparators.forType(type.asPrimitiveType());
    this.order = highest ? ascending.reversed() : ascending;
  }

  /** Takes a value in Iceberg's internal representation; null does not count. */
  void add(@Nullable Object value) {
    if (value != null && (best == null || order.compare(value, best) < 0)) {
      best = value;
    }
  }

  /** In the representation of records. */
  Optional<Object> value() {
    Object value = best;
    if (value instanceof CharSequence text) {
      return Optional.of(text.toString());
    }
    return type.typeId() == TypeID.FIXED && value instanceof ByteBuffer buffer
        ? Optional.of(ByteBuffers.toByteArray(buffer))
        : Optional.ofNullable(IdentityPartitionConverters.convertConstant(type, value));
  }

  /** Takes what the metadata of a file with all its rows tells exactly; false where it does not. */
  boolean addExactly(DataFile file, Map<Integer, @Nullable Object> constants) {
    int id = column.fieldId();
    if (constants.containsKey(id)) {
      add(constants.get(id));
      return true;
    }
    if (onlyNulls(file)) {
      return true;
    }
    return switch (type.typeId()) {
      case BOOLEAN, INTEGER, LONG, DATE, TIME, TIMESTAMP, TIMESTAMP_NANO, DECIMAL -> {
        Object bound = bound(file);
        add(bound);
        yield bound != null;
      }
      case FLOAT, DOUBLE -> addFloating(file);
      // Others may be cut short, or ordered otherwise by who wrote them.
      default -> false;
    };
  }

  /** Whether no value of the file can change the result; its bound may be cut short. */
  boolean isBeyond(DataFile file) {
    Object at = best;
    boolean plain =
        switch (type.typeId()) {
          case FLOAT, DOUBLE, UUID, FIXED, BINARY -> false;
          default -> true;
        };
    Object bound = plain && at != null ? bound(file) : null;
    return bound != null && order.compare(bound, at) >= 0;
  }

  private boolean onlyNulls(DataFile file) {
    Long values = count(file.valueCounts());
    Long nulls = count(file.nullValueCounts());
    return values != null && values.equals(nulls) && values == file.recordCount();
  }

  private boolean addFloating(DataFile file) {
    Long nans = count(file.nanValueCounts());
    if (nans == null) {
      return false;
    }
    if (nans > 0 && highest) {
      add(type.typeId() == TypeID.FLOAT ? (Object) Float.NaN : (Object) Double.NaN);
      return true;
    }
    Object bound = bound(file);
    // A writer may take both zeros for equal.
    boolean exact = bound != null && !NaNUtil.isNaN(bound) && ((Number) bound).doubleValue() != 0.0;
    if (exact) {
      add(bound);
    }
    return exact;
  }

  private @Nullable Long count(@Nullable Map<Integer, Long> counts) {
    return counts == null ? null : counts.get(column.fieldId());
  }

  private @Nullable Object bound(DataFile file) {
    Map<Integer, ByteBuffer> bounds = highest ? file.upperBounds() : file.lowerBounds();
    ByteBuffer bound = bounds == null ? null : bounds.get(column.fieldId());
    return bound == null || !fits(bound.remaining())
        ? null
        : Conversions.fromByteBuffer(type, bound);
  }

  /** A bound of a narrower type's time may be read as the wider one, but not every one can. */
  private boolean fits(int bytes) {
    return switch (type.typeId()) {
      case BOOLEAN -> bytes == 1;
      case INTEGER, DATE, FLOAT -> bytes == 4;
      case LONG, DOUBLE -> bytes == 4 || bytes == 8;
      case TIME, TIMESTAMP, TIMESTAMP_NANO -> bytes == 8;
      default -> true;
    };
  }
}
