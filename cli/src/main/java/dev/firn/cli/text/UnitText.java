package dev.firn.cli.text;

import dev.firn.error.FirnException;
import dev.firn.storage.ByteSize;
import dev.firn.storage.TimeSpan;
import java.time.Duration;
import java.util.Locale;

/**
 * Durations ({@code 7d}, {@code 12h}, {@code 1h30m}) and byte sizes ({@code 128MB}, {@code 1GiB}).
 */
public final class UnitText {
  private UnitText() {}

  /** Whether the text is a duration. */
  static boolean isDuration(String text) {
    return TimeSpan.matches(text);
  }

  /**
   * Reads weeks, days, hours, minutes and seconds, largest first.
   *
   * @throws FirnException (invalid) for anything else
   */
  public static Duration duration(String text) {
    return TimeSpan.parse(text);
  }

  /**
   * Reads bytes, with decimal (kB, MB, GB, TB) or binary (KiB, MiB, GiB, TiB) units of any case.
   *
   * @throws FirnException (invalid) for anything else, and for nothing at all
   */
  public static long bytes(String text) {
    long bytes = ByteSize.parse(text);
    if (bytes < 1) {
      throw FirnException.invalid(
          "Cannot read size '%s': expected at least one byte".formatted(text));
    }
    return bytes;
  }

  /** Returns bytes for people, in decimal units: {@code 1.3 MB}. */
  public static String showBytes(long bytes) {
    String[] units = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
    double value = bytes;
    int unit = 0;
    while (Math.abs(value) >= 999.5 && unit < units.length - 1) {
      value /= 1_000;
      unit++;
    }
    return unit == 0
        ? bytes + " B"
        : String.format(Locale.ROOT, value < 99.95 ? "%.1f %s" : "%.0f %s", value, units[unit]);
  }
}
