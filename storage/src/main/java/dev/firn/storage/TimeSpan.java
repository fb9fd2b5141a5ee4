package dev.firn.storage;

import dev.firn.error.FirnException;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Lengths of time as people write them: {@code 7d}, {@code 12h}, {@code 1h30m}. Stateless. */
public final class TimeSpan {
  private static final Pattern SPAN =
      Pattern.compile("(?i)\\s*(?:(\\d+)w)?(?:(\\d+)d)?(?:(\\d+)h)?(?:(\\d+)m)?(?:(\\d+)s)?\\s*");
  private static final long[] SECONDS = {7 * 86_400L, 86_400, 3_600, 60, 1};

  private TimeSpan() {}

  /** Returns whether the text is one. */
  public static boolean matches(String text) {
    return !text.isBlank() && SPAN.matcher(text).matches();
  }

  /**
   * Reads weeks, days, hours, minutes and seconds, largest first.
   *
   * @throws FirnException INVALID for anything else
   */
  public static Duration parse(String text) {
    Matcher matcher = SPAN.matcher(text);
    if (text.isBlank() || !matcher.matches()) {
      throw FirnException.invalid(
          "Cannot read duration '%s': expected a number with w, d, h, m or s, such as 7d, 12h or 1h30m"
              .formatted(text));
    }
    try {
      Duration total = Duration.ZERO;
      for (int i = 0; i < SECONDS.length; i++) {
        String digits = matcher.group(i + 1);
        if (digits != null) {
          total = total.plusSeconds(Math.multiplyExact(Long.parseLong(digits), SECONDS[i]));
        }
      }
      return total;
    } catch (ArithmeticException | NumberFormatException e) {
      throw FirnException.invalid("Cannot read duration '%s': it is too long".formatted(text));
    }
  }
}
