package dev.firn.format.row;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** How messages show a value: its class and at most a hundred characters of it. Stateless. */
public final class ShownValue {
  private static final int MOST = 100;

  private ShownValue() {}

  /** Returns {@code "String 'abc'"}, {@code "3 bytes"} or {@code "null"}. */
  public static String of(@Nullable Object value) {
    if (value == null) {
      return "null";
    }
    if (value instanceof byte[] bytes) {
      return bytes.length + " bytes";
    }
    if (value instanceof ByteBuffer bytes) {
      return bytes.remaining() + " bytes";
    }
    String text = String.valueOf(value);
    String cut = text.length() > MOST ? text.substring(0, MOST) + "…" : text;
    return value.getClass().getSimpleName() + " '" + cut + "'";
  }
}
