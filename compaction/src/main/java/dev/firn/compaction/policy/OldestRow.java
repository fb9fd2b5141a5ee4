package dev.firn.compaction.policy;

import dev.firn.compaction.maintain.Retention;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.iceberg.ContentFile;
import org.apache.iceberg.Schema;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.types.Type.TypeID;
import org.apache.iceberg.types.Types.NestedField;

/**
 * From when the oldest row of a data file may be, by its bounds of the column that a table's
 * retention goes by. Immutable.
 *
 * @param fieldId the column's
 * @param type the column's
 */
record OldestRow(int fieldId, TypeID type) {
  private static final long NANOS_PER_MICRO = 1_000;

  /**
   * Of the retention's column.
   *
   * @param table its name, for errors
   * @throws dev.firn.error.FirnException (invalid) where it is not there, or says no date
   */
  static OldestRow of(String table, Schema schema, Retention retention) {
    Expression unused = retention.expired(table, schema, Instant.EPOCH.plus(retention.age()));
    NestedField field = schema.findField(retention.column());
    return new OldestRow(field.fieldId(), field.type().typeId());
  }

  /**
   * Returns microseconds since 1970, of a date those of its end; the least where the file does not
   * tell, and the greatest where it has no such row.
   */
  long in(ContentFile<?> file) {
    Map<Integer, ByteBuffer> bounds = file.lowerBounds();
    ByteBuffer bound = bounds == null ? null : bounds.get(fieldId);
    if (bound == null) {
      return hasNullsAlone(file) ? Long.MAX_VALUE : Long.MIN_VALUE;
    }
    ByteBuffer value = bound.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    if (value.remaining() == Integer.BYTES) {
      return TimeUnit.DAYS.toMicros(value.getInt(value.position()) + 1L);
    }
    long time = value.getLong(value.position());
    return type == TypeID.TIMESTAMP_NANO ? Math.floorDiv(time, NANOS_PER_MICRO) : time;
  }

  private boolean hasNullsAlone(ContentFile<?> file) {
    Map<Integer, Long> nulls = file.nullValueCounts();
    Long count = nulls == null ? null : nulls.get(fieldId);
    return count != null && count == file.recordCount();
  }

  /** Returns the moment of what {@link #in} says; empty where there is no such row. */
  static Optional<Instant> instant(long micros) {
    if (micros == Long.MAX_VALUE) {
      return Optional.empty();
    }
    return Optional.of(
        micros == Long.MIN_VALUE ? Instant.MIN : Instant.EPOCH.plus(micros, ChronoUnit.MICROS));
  }
}
