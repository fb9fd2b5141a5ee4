package dev.firn.it;

import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.time.OffsetDateTime;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.iceberg.Schema;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.Types.NestedField;

/**
 * Rows as text that tells every value and its kind apart, as the Spark runner writes them: UUIDs
 * are texts there, and fixed binaries are binaries.
 */
final class RowText {
  private RowText() {}

  /** Returns the row's columns of {@code schema}, whatever else it has. */
  static String of(Record row, Schema schema) {
    return schema.columns().stream()
        .map(NestedField::name)
        .map(name -> value(row.getField(name)))
        .collect(Collectors.joining(", ", "(", ")"));
  }

  private static String value(Object value) {
    if (value instanceof String || value instanceof UUID) {
      return "'" + value + "'";
    }
    if (value instanceof BigDecimal decimal) {
      return decimal.toPlainString();
    }
    if (value instanceof OffsetDateTime time) {
      return time.toInstant().toString();
    }
    if (value instanceof byte[] bytes) {
      return "x" + HexFormat.of().formatHex(bytes);
    }
    if (value instanceof ByteBuffer buffer) {
      byte[] bytes = new byte[buffer.remaining()];
      buffer.duplicate().get(bytes);
      return value(bytes);
    }
    if (value instanceof StructLike struct) {
      return IntStream.range(0, struct.size())
          .mapToObj(i -> value(struct.get(i, Object.class)))
          .collect(Collectors.joining(", ", "(", ")"));
    }
    if (value instanceof List<?> list) {
      return list.stream().map(RowText::value).collect(Collectors.joining(", ", "[", "]"));
    }
    if (value instanceof Map<?, ?> map) {
      return map.entrySet().stream()
          .map(entry -> value(entry.getKey()) + "=" + value(entry.getValue()))
          .sorted()
          .collect(Collectors.joining(", ", "{", "}"));
    }
    return String.valueOf(value);
  }
}
