package dev.firn.ingest.value;

import dev.firn.error.FirnException;
import java.util.Locale;

/** The order of year, month and day in a written date. */
public enum DateOrder {
  YMD,
  MDY,
  DMY;

  /** Parses {@code mdy}, {@code dmy} or {@code ymd}, in any case. */
  public static DateOrder parse(String text) {
    for (DateOrder order : values()) {
      if (order.name().equals(text.toUpperCase(Locale.ROOT))) {
        return order;
      }
    }
    throw FirnException.invalid(
        "Cannot read date order '%s': expected mdy, dmy or ymd".formatted(text));
  }
}
