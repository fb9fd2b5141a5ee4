package dev.firn.cli.output;

import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.time.LocalTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoField;
import java.time.temporal.TemporalAccessor;
import java.util.Base64;
import java.util.Collection;
import java.util.Map;
import org.apache.iceberg.data.Record;
import org.jspecify.annotations.Nullable;

/** A value as the text of one table or CSV cell. Stateless. */
final class CellText {
  private CellText() {}

  /** Returns the text of a value that is not null. */
  static String of(Object value) {
    if (value instanceof String text) {
      return text;
    }
    if (value instanceof BigDecimal decimal) {
      return decimal.toPlainString();
    }
    if (value instanceof ByteBuffer || value instanceof byte[]) {
      return base64(value);
    }
    if (value instanceof TemporalAccessor time) {
      return time(time);
    }
    if (nested(value)) {
      return json(value);
    }
    return String.valueOf(value);
  }

  /**
   * Returns a date or time in ISO-8601, always with seconds (their own {@code toString} drops zero
   * ones) and with a fraction where there is one; {@code Z} is UTC.
   */
  static String time(TemporalAccessor value) {
    boolean wholeMinute =
        value.isSupported(ChronoField.MINUTE_OF_HOUR)
            && value.get(ChronoField.SECOND_OF_MINUTE) == 0
            && value.get(ChronoField.NANO_OF_SECOND) == 0;
    if (!wholeMinute) {
      return value.toString();
    }
    if (value instanceof LocalTime time) {
      return DateTimeFormatter.ISO_LOCAL_TIME.format(time);
    }
    // Prints the offset of values that have one.
    return DateTimeFormatter.ISO_DATE_TIME.format(value);
  }

  /** Whether the value is written as JSON within its cell. */
  static boolean nested(@Nullable Object value) {
    return value instanceof Record || value instanceof Collection || value instanceof Map;
  }

  /** Returns the bytes in base64, leaving a buffer's position as it is. */
  static String base64(Object binary) {
    if (binary instanceof byte[] bytes) {
      return Base64.getEncoder().encodeToString(bytes);
    }
    ByteBuffer view = ((ByteBuffer) binary).duplicate();
    byte[] bytes = new byte[view.remaining()];
    view.get(bytes);
    return Base64.getEncoder().encodeToString(bytes);
  }

  private static String json(Object value) {
    StringWriter text = new StringWriter();
    try (var json = JsonValues.generator(text)) {
      JsonValues.write(json, value);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text.toString();
  }
}
