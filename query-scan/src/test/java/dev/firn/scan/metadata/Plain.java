package dev.firn.scan.metadata;

import java.nio.ByteBuffer;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.util.DateTimeUtil;

/** Rows as lists of values that are compared alike, whichever way they are represented. */
final class Plain {
  private Plain() {}

  static List<Object> row(Types.StructType type, StructLike row) {
    List<Object> values = new ArrayList<>();
    for (int i = 0; i < type.fields().size(); i++) {
      values.add(value(type.fields().get(i).type(), row.get(i, Object.class)));
    }
    return values;
  }

  private static Object value(Type type, Object value) {
    if (value == null) {
      return null;
    }
    return switch (type.typeId()) {
      case STRUCT -> row(type.asStructType(), (StructLike) value);
      case LIST -> list(type.asListType().elementType(), (Collection<?>) value);
      case MAP -> map(type.asMapType(), (Map<?, ?>) value);
      case STRING -> value.toString();
      case DATE -> value instanceof LocalDate date ? (int) date.toEpochDay() : value;
      case TIMESTAMP -> micros(value);
      case BINARY, FIXED -> hex(value);
      default -> value;
    };
  }

  private static Object micros(Object value) {
    if (value instanceof OffsetDateTime time) {
      return DateTimeUtil.microsFromTimestamptz(time);
    }
    return value instanceof LocalDateTime time ? DateTimeUtil.microsFromTimestamp(time) : value;
  }

  private static String hex(Object value) {
    if (value instanceof byte[] bytes) {
      return HexFormat.of().formatHex(bytes);
    }
    ByteBuffer buffer = ((ByteBuffer) value).duplicate();
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  private static List<Object> list(Type element, Collection<?> values) {
    List<Object> plain = new ArrayList<>();
    values.forEach(value -> plain.add(value(element, value)));
    return plain;
  }

  private static Map<Object, Object> map(Types.MapType type, Map<?, ?> entries) {
    Map<Object, Object> plain = new TreeMap<>();
    entries.forEach(
        (key, value) -> plain.put(value(type.keyType(), key), value(type.valueType(), value)));
    return plain;
  }
}
