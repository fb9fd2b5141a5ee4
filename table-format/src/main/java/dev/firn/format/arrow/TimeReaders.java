package dev.firn.format.arrow;

import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneOffset;
import org.apache.arrow.vector.DateDayVector;
import org.apache.arrow.vector.DateMilliVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.TimeMicroVector;
import org.apache.arrow.vector.TimeMilliVector;
import org.apache.arrow.vector.TimeNanoVector;
import org.apache.arrow.vector.TimeSecVector;
import org.apache.arrow.vector.TimeStampVector;
import org.apache.arrow.vector.types.TimeUnit;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;

/**
 * Readers of dates, times and timestamps in each unit. A finer value than the target's unit is a
 * misfit unless the finer digits are zero. Stateless.
 */
final class TimeReaders {
  private static final long MILLIS_PER_DAY = 86_400_000L;
  private static final long NANOS_PER_DAY = MILLIS_PER_DAY * 1_000_000;

  private TimeReaders() {}

  /** Integers in the vector's own unit. */
  private interface LongReader {
    long read(int index);
  }

  static @Nullable ColumnReader of(FieldVector vector, Type target, String column) {
    return switch (target.typeId()) {
      case DATE -> dates(vector, target, column);
      case TIME -> times(vector, target, column);
      case TIMESTAMP -> {
        boolean zoned = ((Types.TimestampType) target).shouldAdjustToUTC();
        yield timestamps(vector, target, zoned, column);
      }
      default -> {
        boolean zoned = ((Types.TimestampNanoType) target).shouldAdjustToUTC();
        yield timestamps(vector, target, zoned, column);
      }
    };
  }

  private static @Nullable ColumnReader dates(FieldVector vector, Type target, String column) {
    if (vector instanceof DateDayVector v) {
      return i -> LocalDate.ofEpochDay(v.get(i));
    }
    if (!(vector instanceof DateMilliVector v)) {
      return null;
    }
    return i -> {
      long millis = v.get(i);
      long day = millis / MILLIS_PER_DAY;
      if (millis % MILLIS_PER_DAY != 0 || day != (int) day) {
        throw new Misfit(column, target, millis + " ms");
      }
      return LocalDate.ofEpochDay(day);
    };
  }

  private static @Nullable ColumnReader times(FieldVector vector, Type target, String column) {
    if (vector instanceof TimeMicroVector v) {
      return i -> time(v.get(i), 1_000L, target, column);
    } else if (vector instanceof TimeMilliVector v) {
      return i -> time(v.get(i), 1_000_000L, target, column);
    } else if (vector instanceof TimeSecVector v) {
      return i -> time(v.get(i), 1_000_000_000L, target, column);
    } else if (vector instanceof TimeNanoVector v) {
      return i -> time(v.get(i), 1L, target, column);
    }
    return null;
  }

  private static LocalTime time(long value, long nanosPerUnit, Type target, String column) {
    if (value < 0 || value >= NANOS_PER_DAY / nanosPerUnit) {
      throw new Misfit(column, "time within one day", value);
    }
    long nanos = value * nanosPerUnit;
    if (nanos % 1000 != 0) {
      throw new Misfit(column, target + " in microseconds", value + " ns");
    }
    return LocalTime.ofNanoOfDay(nanos);
  }

  private static @Nullable ColumnReader timestamps(
      FieldVector vector, Type target, boolean zoned, String column) {
    boolean nanos = target.typeId() == Type.TypeID.TIMESTAMP_NANO;
    if (vector instanceof DateDayVector v && !zoned) {
      // Iceberg v3 promotes date to timestamp.
      return i -> LocalDate.ofEpochDay(v.get(i)).atStartOfDay();
    }
    if (!(vector instanceof TimeStampVector v)) {
      return null;
    }
    ArrowType.Timestamp type = (ArrowType.Timestamp) vector.getField().getType();
    if ((type.getTimezone() != null) != zoned) {
      return null;
    }
    LongReader values = inUnit(v, type.getUnit(), nanos, column);
    long perSecond = nanos ? 1_000_000_000L : 1_000_000L;
    int nanosPerUnit = nanos ? 1 : 1000;
    return i -> {
      long value = values.read(i);
      int fraction = (int) Math.floorMod(value, perSecond) * nanosPerUnit;
      LocalDateTime at =
          LocalDateTime.ofEpochSecond(Math.floorDiv(value, perSecond), fraction, ZoneOffset.UTC);
      return zoned ? at.atOffset(ZoneOffset.UTC) : at;
    };
  }

  private static LongReader inUnit(
      TimeStampVector vector, TimeUnit unit, boolean nanos, String column) {
    long perSecond = nanos ? 1_000_000_000L : 1_000_000L;
    return switch (unit) {
      case SECOND -> i -> scaled(vector.get(i), perSecond, unit, column);
      case MILLISECOND -> i -> scaled(vector.get(i), perSecond / 1000, unit, column);
      case MICROSECOND ->
          nanos ? i -> scaled(vector.get(i), 1000, unit, column) : i -> vector.get(i);
      case NANOSECOND -> nanos ? i -> vector.get(i) : i -> micros(vector.get(i), column);
    };
  }

  private static long scaled(long value, long factor, TimeUnit unit, String column) {
    long high = Math.multiplyHigh(value, factor);
    long low = value * factor;
    if (high != low >> 63) {
      throw new Misfit(column, "timestamp within 64 bits", value + " " + unit);
    }
    return low;
  }

  private static long micros(long nanos, String column) {
    if (nanos % 1000 != 0) {
      throw new Misfit(column, "timestamp in microseconds", nanos + " NANOSECOND");
    }
    return nanos / 1000;
  }
}
