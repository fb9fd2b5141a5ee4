package dev.firn.spark.runner;

import java.math.BigDecimal;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;
import scala.jdk.javaapi.CollectionConverters;

/** Rows as text that tells every value and its kind apart. Stateless. */
final class RowText {
  private RowText() {}

  static String of(Row row) {
    return java.util.stream.IntStream.range(0, row.length())
        .mapToObj(i -> value(row.get(i)))
        .collect(Collectors.joining(", ", "(", ")"));
  }

  private static String value(@Nullable Object value) {
    if (value instanceof String text) {
      return "'" + text + "'";
    }
    if (value instanceof BigDecimal decimal) {
      return decimal.toPlainString();
    }
    if (value instanceof byte[] bytes) {
      return "x" + HexFormat.of().formatHex(bytes);
    }
    if (value instanceof Row struct) {
      return of(struct);
    }
    if (value instanceof scala.collection.Map<?, ?> map) {
      return entries(CollectionConverters.asJava(map));
    }
    if (value instanceof scala.collection.Seq<?> list) {
      return elements(CollectionConverters.asJava(list));
    }
    return String.valueOf(value);
  }

  private static String elements(List<?> list) {
    return list.stream().map(RowText::value).collect(Collectors.joining(", ", "[", "]"));
  }

  private static String entries(Map<?, ?> map) {
    return map.entrySet().stream()
        .map(entry -> value(entry.getKey()) + "=" + value(entry.getValue()))
        .sorted()
        .collect(Collectors.joining(", ", "{", "}"));
  }
}
