package dev.firn.cli.output;

import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
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
    if (nested(value)) {
      return json(value);
    }
    return String.valueOf(value);
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
