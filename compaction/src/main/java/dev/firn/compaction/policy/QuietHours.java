package dev.firn.compaction.policy;

import dev.firn.error.FirnException;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;

/**
 * A time of each day, in UTC, in which only urgent work is done; it may go over midnight.
 *
 * @param from inclusive
 * @param to exclusive; equal to {@code from} for never
 */
public record QuietHours(LocalTime from, LocalTime to) {
  /** No time is quiet. */
  public static final QuietHours NEVER = new QuietHours(LocalTime.MIDNIGHT, LocalTime.MIDNIGHT);

  private static final String NONE = "none";

  /** Reads {@code HH:MM-HH:MM} or {@code none}; {@code property} is for the error. */
  static QuietHours parse(String property, String text) {
    String stripped = text.strip();
    if (stripped.equals(NONE)) {
      return NEVER;
    }
    String[] ends = stripped.split("-", -1);
    if (ends.length == 2) {
      try {
        LocalTime from = LocalTime.parse(ends[0].strip());
        LocalTime to = LocalTime.parse(ends[1].strip());
        if (!from.equals(to)) {
          return new QuietHours(from, to);
        }
      } catch (DateTimeParseException e) {
        // Told below, as any other form is.
      }
    }
    throw FirnException.invalid(
        "Cannot read property %s: expected two times of day in UTC such as 08:00-18:00, or none, got '%s'"
            .formatted(property, text));
  }

  /** Returns whether the moment is quiet. */
  public boolean contains(Instant moment) {
    LocalTime time = moment.atOffset(ZoneOffset.UTC).toLocalTime();
    return from.isBefore(to)
        ? !time.isBefore(from) && time.isBefore(to)
        : !from.equals(to) && (!time.isBefore(from) || time.isBefore(to));
  }
}
