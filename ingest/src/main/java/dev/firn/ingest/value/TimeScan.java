package dev.firn.ingest.value;

import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import org.jspecify.annotations.Nullable;

/**
 * A scanner of times of day and timestamps. Mutable, reused from text to text; confined to one
 * thread.
 *
 * <p>A time is {@code HH:mm[:ss[.fraction]]} with an optional {@code AM}/{@code PM}; a timestamp is
 * a date, {@code T} or a space, a time, and an optional zone ({@code Z}, {@code UTC}, {@code GMT},
 * {@code +01}, {@code +0100}, {@code +01:00}). Fractions finer than a microsecond are refused: they
 * would be lost.
 */
final class TimeScan {
  private static final long NANOS_PER_MICRO = 1000;

  private LocalTime time = LocalTime.MIDNIGHT;
  private @Nullable ZoneOffset zone;
  private int at;

  /** Returns where the date part of a timestamp ends, or -1 where the text is no timestamp. */
  static int dateEnd(String text) {
    int colon = text.indexOf(':');
    for (int i = colon - 1; i > 0; i--) {
      char c = text.charAt(i);
      if (c == ' ' || c == 'T') {
        return i;
      }
      if (c < '0' || c > '9') {
        return -1;
      }
    }
    return -1;
  }

  /** Scans a whole time; {@link #time()} and {@link #zone()} then hold it if the result is true. */
  boolean scan(String text, int from, int to) {
    zone = null;
    at = from;
    int colon = text.indexOf(':', from);
    if (colon < from + 1 || colon > from + 2) {
      return false;
    }
    int hour = DateStyle.number(text, from, colon);
    int minute = two(text, colon + 1, to);
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59) {
      return false;
    }
    at = colon + 3;
    int second = 0;
    if (at < to && text.charAt(at) == ':') {
      second = two(text, at + 1, to);
      at += 3;
    }
    long nanos = second < 0 || second > 59 ? -1 : fraction(text, to);
    if (nanos < 0) {
      return false;
    }
    hour = halfDay(text, to, hour);
    if (hour < 0 || !zoneEnds(text, to)) {
      return false;
    }
    time = LocalTime.of(hour, minute, second, (int) nanos);
    return true;
  }

  private static int two(String text, int from, int to) {
    return from + 2 <= to ? DateStyle.number(text, from, from + 2) : -1;
  }

  private long fraction(String text, int to) {
    if (at >= to || (text.charAt(at) != '.' && text.charAt(at) != ',')) {
      return 0;
    }
    int start = ++at;
    while (at < to && Character.digit(text.charAt(at), 10) >= 0) {
      at++;
    }
    int digits = at - start;
    if (digits == 0 || digits > 9) {
      return -1;
    }
    long value = DateStyle.number(text, start, at);
    for (int i = digits; i < 9; i++) {
      value *= 10;
    }
    return value % NANOS_PER_MICRO == 0 ? value : -1;
  }

  private int halfDay(String text, int to, int hour) {
    int start = at < to && text.charAt(at) == ' ' ? at + 1 : at;
    if (start + 2 > to || (text.charAt(start + 1) | 0x20) != 'm') {
      return hour;
    }
    int letter = text.charAt(start) | 0x20;
    if ((letter != 'a' && letter != 'p') || hour < 1 || hour > 12) {
      return -1;
    }
    at = start + 2;
    return hour % 12 + (letter == 'p' ? 12 : 0);
  }

  private boolean zoneEnds(String text, int to) {
    if (at == to) {
      return true;
    }
    int start = text.charAt(at) == ' ' ? at + 1 : at;
    String name = text.substring(start, to);
    zone = zoneOf(name);
    return zone != null;
  }

  private static @Nullable ZoneOffset zoneOf(String name) {
    if (name.equals("Z") || name.equals("UTC") || name.equals("GMT")) {
      return ZoneOffset.UTC;
    }
    if (name.isEmpty() || (name.charAt(0) != '+' && name.charAt(0) != '-')) {
      return null;
    }
    boolean colon = name.length() == 6 && name.charAt(3) == ':';
    boolean valid = colon || name.length() == 3 || name.length() == 5;
    int hours = valid ? DateStyle.number(name, 1, 3) : -1;
    int minutes = name.length() == 3 ? 0 : DateStyle.number(name, name.length() - 2, name.length());
    if (hours < 0 || hours > 17 || minutes < 0 || minutes > 59) {
      return null;
    }
    int seconds = hours * 3600 + minutes * 60;
    return ZoneOffset.ofTotalSeconds(name.charAt(0) == '-' ? -seconds : seconds);
  }

  LocalTime time() {
    return time;
  }

  /** Returns the zone, or null where none was written. */
  @Nullable ZoneOffset zone() {
    return zone;
  }

  /** Returns the scanned time on a date, in its own zone where one was written. */
  LocalDateTime on(LocalDate date) {
    return LocalDateTime.of(date, time);
  }

  /** Returns the scanned instant in UTC. A zone must have been written. */
  OffsetDateTime instantOn(LocalDate date) {
    ZoneOffset written = zone == null ? ZoneOffset.UTC : zone;
    return OffsetDateTime.of(on(date), written).withOffsetSameInstant(ZoneOffset.UTC);
  }
}
