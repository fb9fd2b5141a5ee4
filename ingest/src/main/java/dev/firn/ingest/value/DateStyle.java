package dev.firn.ingest.value;

import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One way of writing dates, such as {@code 2020-01-31}, {@code 1/31/20} or {@code Jan 31 2000}.
 * Months and days may be written with one digit. Two-digit years from 69 are of the 20th century
 * (the POSIX rule).
 */
public record DateStyle(DateOrder order, char separator, boolean named, int yearDigits) {
  /** ISO 8601, the one that is never ambiguous. */
  public static final DateStyle ISO = new DateStyle(DateOrder.YMD, '-', false, 4);

  private static final String MONTHS = "janfebmaraprmayjunjulaugsepoctnovdec";
  private static final List<String> LONG_MONTHS =
      List.of(
          "january",
          "february",
          "march",
          "april",
          "may",
          "june",
          "july",
          "august",
          "september",
          "october",
          "november",
          "december");

  /** Every style that is recognised. At most 31, so that sets of them fit a bit mask. */
  public static final List<DateStyle> ALL =
      List.of(
          ISO,
          new DateStyle(DateOrder.YMD, '/', false, 4),
          new DateStyle(DateOrder.YMD, '.', false, 4),
          new DateStyle(DateOrder.MDY, '/', false, 4),
          new DateStyle(DateOrder.DMY, '/', false, 4),
          new DateStyle(DateOrder.MDY, '/', false, 2),
          new DateStyle(DateOrder.DMY, '/', false, 2),
          new DateStyle(DateOrder.MDY, '-', false, 4),
          new DateStyle(DateOrder.DMY, '-', false, 4),
          new DateStyle(DateOrder.MDY, '.', false, 4),
          new DateStyle(DateOrder.DMY, '.', false, 4),
          new DateStyle(DateOrder.MDY, ' ', true, 4),
          new DateStyle(DateOrder.DMY, ' ', true, 4),
          new DateStyle(DateOrder.DMY, '-', true, 4),
          new DateStyle(DateOrder.DMY, '-', true, 2));

  /** Returns the date written in {@code text[from, to)}, or null where this is not the style. */
  @Nullable LocalDate parse(String text, int from, int to) {
    int first = text.indexOf(separator, from);
    int second = first < 0 ? -1 : text.indexOf(separator, first + 1);
    if (first <= from || second <= first + 1 || second >= to - 1) {
      return null;
    }
    return switch (order) {
      case YMD ->
          date(year(text, from, first), month(text, first + 1, second), day(text, second + 1, to));
      case MDY ->
          date(year(text, second + 1, to), month(text, from, first), day(text, first + 1, second));
      case DMY ->
          date(year(text, second + 1, to), month(text, first + 1, second), day(text, from, first));
    };
  }

  private static @Nullable LocalDate date(int year, int month, int day) {
    if (year < 1 || month < 1 || month > 12 || day < 1 || day > 31) {
      return null;
    }
    try {
      return LocalDate.of(year, month, day);
    } catch (DateTimeException e) {
      return null;
    }
  }

  private int year(String text, int from, int to) {
    if (to - from != yearDigits) {
      return -1;
    }
    int year = number(text, from, to);
    if (yearDigits == 4 || year < 0) {
      return year;
    }
    return year < 69 ? 2000 + year : 1900 + year;
  }

  private int month(String text, int from, int to) {
    if (!named) {
      return to - from <= 2 ? number(text, from, to) : -1;
    }
    String name = text.substring(from, to).toLowerCase(Locale.ROOT);
    int at = name.length() == 3 ? MONTHS.indexOf(name) : -1;
    return at >= 0 && at % 3 == 0 ? at / 3 + 1 : LONG_MONTHS.indexOf(name) + 1;
  }

  private int day(String text, int from, int to) {
    boolean comma = named && separator == ' ' && text.charAt(to - 1) == ',';
    int end = comma ? to - 1 : to;
    return end > from && end - from <= 2 ? number(text, from, end) : -1;
  }

  /** Returns the value of {@code text[from, to)}, or -1 where it has anything but digits. */
  static int number(String text, int from, int to) {
    int value = 0;
    for (int i = from; i < to; i++) {
      int digit = text.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return -1;
      }
      value = value * 10 + digit;
    }
    return value;
  }

  /** Returns the pattern as a reader would write it, such as {@code M/d/yyyy}. */
  public String pattern() {
    String year = "y".repeat(yearDigits);
    String month = named ? "MMM" : "M";
    return switch (order) {
      case YMD -> this.equals(ISO) ? "yyyy-MM-dd" : year + separator + month + separator + "d";
      case MDY -> month + separator + "d" + separator + year;
      case DMY -> "d" + separator + month + separator + year;
    };
  }
}
