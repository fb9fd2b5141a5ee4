package dev.firn.ingest.read;

import dev.firn.ingest.value.JsonTexts;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One would-be row of a JSON file. Immutable.
 *
 * @param value the JSON value
 * @param line the line on which it starts, from 1
 * @param at its place for a reader
 * @param problem why it cannot be a row, or null
 * @param text its text where it could not be read as a value
 */
record JsonItem(
    @Nullable Object value, long line, String at, @Nullable String problem, @Nullable String text) {

  static JsonItem of(@Nullable Object value, long line, String at) {
    String problem =
        value instanceof Map ? null : "expected an object, got " + shortened(JsonTexts.of(value));
    return new JsonItem(value, line, at, problem, null);
  }

  private static String shortened(String text) {
    return text.length() <= 80 ? text : text.substring(0, 80) + "…";
  }

  /** Returns the value as JSON text. */
  String raw() {
    return text == null ? JsonTexts.of(value) : text;
  }

  Rejected rejected(Source source, String column, String reason) {
    return new Rejected(source.name(), line, at, column, reason, raw());
  }
}
