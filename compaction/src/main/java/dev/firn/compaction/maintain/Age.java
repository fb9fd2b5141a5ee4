package dev.firn.compaction.maintain;

import java.time.Duration;

/** How table properties write spans of time: {@code 90s}, {@code 15m}, {@code 12h}, {@code 30d}. */
public final class Age {
  /** What {@link #parse} takes, as a regular expression. */
  public static final String PATTERN = "[1-9]\\d{0,8}[smhd]";

  private Age() {}

  /** Reads a text that matches {@link #PATTERN}. */
  public static Duration parse(String text) {
    if (!text.matches(PATTERN)) {
      throw new IllegalArgumentException("Not an age: " + text);
    }
    long count = Long.parseLong(text.substring(0, text.length() - 1));
    return switch (text.charAt(text.length() - 1)) {
      case 's' -> Duration.ofSeconds(count);
      case 'm' -> Duration.ofMinutes(count);
      case 'h' -> Duration.ofHours(count);
      default -> Duration.ofDays(count);
    };
  }
}
