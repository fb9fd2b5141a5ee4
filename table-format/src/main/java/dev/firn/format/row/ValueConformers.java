package dev.firn.format.row;

import dev.firn.format.row.RowConformer.Size;
import dev.firn.format.row.RowConformer.StructConformer;
import dev.firn.format.row.RowConformer.ValueConformer;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoField;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.DecimalType;
import org.apache.iceberg.types.Types.ListType;
import org.apache.iceberg.types.Types.MapType;
import org.apache.iceberg.util.ByteBuffers;
import org.apache.iceberg.util.DateTimeUtil;
import org.apache.iceberg.variants.Variant;
import org.jspecify.annotations.Nullable;

/** The check of each Iceberg type, resolved once per column. Stateless. */
final class ValueConformers {
  private static final LocalDateTime LEAST_MICROS =
      DateTimeUtil.timestampFromMicros(Long.MIN_VALUE);
  private static final LocalDateTime MOST_MICROS = DateTimeUtil.timestampFromMicros(Long.MAX_VALUE);
  private static final LocalDateTime LEAST_NANOS = DateTimeUtil.timestampFromNanos(Long.MIN_VALUE);
  private static final LocalDateTime MOST_NANOS = DateTimeUtil.timestampFromNanos(Long.MAX_VALUE);

  private ValueConformers() {}

  static ValueConformer of(Type type, String column) {
    return switch (type.typeId()) {
      case STRUCT -> new StructConformer(type.asStructType(), column + ".");
      case LIST -> list(type.asListType(), column);
      case MAP -> map(type.asMapType(), column);
      case STRING -> (v, size, table) -> string(v, size, column, table);
      case BINARY -> (v, size, table) -> binary(v, size, column, table);
      case FIXED -> fixed((Types.FixedType) type, column);
      case DECIMAL -> decimal((DecimalType) type, column);
      case LONG ->
          (v, size, table) -> {
            size.add(24);
            return v instanceof Integer i
                ? Long.valueOf(i)
                : is(Long.class, v, type, column, table);
          };
      case DOUBLE ->
          (v, size, table) -> {
            size.add(24);
            return v instanceof Float f
                ? Double.valueOf(f)
                : is(Double.class, v, type, column, table);
          };
      case BOOLEAN -> plain(Boolean.class, 0, type, column);
      case INTEGER -> plain(Integer.class, 16, type, column);
      case FLOAT -> plain(Float.class, 16, type, column);
      case UUID -> plain(UUID.class, 32, type, column);
      case TIME -> time(type, column);
      case DATE -> date(type, column);
      case TIMESTAMP -> timestamp(type, ((Types.TimestampType) type).shouldAdjustToUTC(), column);
      case TIMESTAMP_NANO ->
          timestamp(type, ((Types.TimestampNanoType) type).shouldAdjustToUTC(), column);
      case VARIANT -> plain(Variant.class, 256, type, column);
      case UNKNOWN, GEOMETRY, GEOGRAPHY ->
          (v, size, table) -> {
            throw RowConformer.mismatch(column, type + " (only null can be written)", v, table);
          };
    };
  }

  private static Object is(Class<?> wanted, Object v, Type type, String column, String table) {
    if (!wanted.isInstance(v)) {
      throw RowConformer.mismatch(column, type, v, table);
    }
    return v;
  }

  private static ValueConformer plain(Class<?> wanted, int bytes, Type type, String column) {
    return (v, size, table) -> {
      size.add(bytes);
      return is(wanted, v, type, column, table);
    };
  }

  private static Object string(Object v, Size size, String column, String table) {
    if (!(v instanceof CharSequence text)) {
      throw RowConformer.mismatch(column, "string", v, table);
    }
    size.add(48 + 2L * text.length());
    return v instanceof String ? v : text.toString();
  }

  private static Object binary(Object v, Size size, String column, String table) {
    ByteBuffer bytes = v instanceof byte[] array ? ByteBuffer.wrap(array) : null;
    if (v instanceof ByteBuffer buffer) {
      bytes = buffer;
    }
    if (bytes == null) {
      throw RowConformer.mismatch(column, "binary", v, table);
    }
    size.add(64 + bytes.remaining());
    return bytes;
  }

  private static ValueConformer fixed(Types.FixedType type, String column) {
    return (v, size, table) -> {
      byte[] bytes = v instanceof ByteBuffer buffer ? ByteBuffers.toByteArray(buffer) : null;
      if (v instanceof byte[] array) {
        bytes = array;
      }
      if (bytes == null) {
        throw RowConformer.mismatch(column, type, v, table);
      }
      if (bytes.length != type.length()) {
        throw RowConformer.mismatch(column, type, bytes, table);
      }
      size.add(16 + bytes.length);
      return bytes;
    };
  }

  private static ValueConformer decimal(DecimalType type, String column) {
    return (v, size, table) -> {
      if (!(v instanceof BigDecimal number)) {
        throw RowConformer.mismatch(column, type, v, table);
      }
      size.add(40 + number.precision() / 2);
      BigDecimal scaled = Decimals.fit(number, type);
      if (scaled == null) {
        throw RowConformer.mismatch(column, type, v, table);
      }
      return scaled;
    };
  }

  private static ValueConformer date(Type type, String column) {
    return (v, size, table) -> {
      size.add(24);
      LocalDate date = (LocalDate) is(LocalDate.class, v, type, column, table);
      if (date.toEpochDay() != (int) date.toEpochDay()) {
        throw RowConformer.mismatch(column, "date within 32-bit days", v, table);
      }
      return date;
    };
  }

  private static ValueConformer time(Type type, String column) {
    return (v, size, table) -> {
      size.add(24);
      LocalTime time = (LocalTime) is(LocalTime.class, v, type, column, table);
      return time.toNanoOfDay() % 1000 == 0 ? time : time.truncatedTo(ChronoUnit.MICROS);
    };
  }

  private static ValueConformer timestamp(Type type, boolean zoned, String column) {
    boolean nanos = type.typeId() == Type.TypeID.TIMESTAMP_NANO;
    if (zoned) {
      return (v, size, table) -> {
        size.add(96);
        OffsetDateTime at = (OffsetDateTime) is(OffsetDateTime.class, v, type, column, table);
        LocalDateTime utc = at.withOffsetSameInstant(ZoneOffset.UTC).toLocalDateTime();
        checkRange(utc, nanos, v, type, column, table);
        return nanos || at.getNano() % 1000 == 0 ? at : at.truncatedTo(ChronoUnit.MICROS);
      };
    }
    return (v, size, table) -> {
      size.add(72);
      LocalDateTime at = (LocalDateTime) is(LocalDateTime.class, v, type, column, table);
      checkRange(at, nanos, v, type, column, table);
      return nanos || at.get(ChronoField.NANO_OF_SECOND) % 1000 == 0
          ? at
          : at.truncatedTo(ChronoUnit.MICROS);
    };
  }

  private static void checkRange(
      LocalDateTime utc, boolean nanos, Object v, Type type, String column, String table) {
    if (utc.isBefore(nanos ? LEAST_NANOS : LEAST_MICROS)
        || utc.isAfter(nanos ? MOST_NANOS : MOST_MICROS)) {
      throw RowConformer.mismatch(column, type + " within 64 bits", v, table);
    }
  }

  private static ValueConformer list(ListType type, String column) {
    ValueConformer element = of(type.elementType(), column + ".element");
    return (v, size, table) -> {
      if (!(v instanceof List<?> list)) {
        throw RowConformer.mismatch(column, type, v, table);
      }
      size.add(40 + 8L * list.size());
      List<Object> changed = null;
      for (int i = 0; i < list.size(); i++) {
        Object given = list.get(i);
        if (given == null && type.isElementRequired()) {
          throw RowConformer.mismatch(
              column + ".element", "required " + type.elementType(), null, table);
        }
        Object fit = given == null ? null : element.conform(given, size, table);
        if (fit != given) {
          changed = changed == null ? new ArrayList<>(list) : changed;
          changed.set(i, fit);
        }
      }
      return changed == null ? list : changed;
    };
  }

  private static ValueConformer map(MapType type, String column) {
    ValueConformer key = of(type.keyType(), column + ".key");
    ValueConformer value = of(type.valueType(), column + ".value");
    return (v, size, table) -> {
      if (!(v instanceof Map<?, ?> map)) {
        throw RowConformer.mismatch(column, type, v, table);
      }
      size.add(64 + 48L * map.size());
      Map<Object, @Nullable Object> fit = new LinkedHashMap<>();
      boolean changed = false;
      for (Map.Entry<?, ?> entry : map.entrySet()) {
        Object k = entry.getKey();
        Object given = entry.getValue();
        if (k == null) {
          throw RowConformer.mismatch(column + ".key", type.keyType(), null, table);
        }
        if (given == null && type.isValueRequired()) {
          throw RowConformer.mismatch(
              column + ".value", "required " + type.valueType(), null, table);
        }
        Object fitKey = key.conform(k, size, table);
        Object fitValue = given == null ? null : value.conform(given, size, table);
        changed |= fitKey != k || fitValue != given;
        fit.put(fitKey, fitValue);
      }
      return changed ? fit : map;
    };
  }
}
