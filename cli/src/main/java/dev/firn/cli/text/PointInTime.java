package dev.firn.cli.text;

import dev.firn.error.FirnException;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import java.util.regex.Pattern;

/** A place in a table's past, as it is written after {@code --as-of}. */
public sealed interface PointInTime {
  /** One snapshot. */
  record Snapshot(long id) implements PointInTime {}

  /** What was current at an instant. */
  record At(Instant instant) implements PointInTime {}

  /** A branch or a tag. */
  record Ref(String name) implements PointInTime {}

  /**
   * Reads digits as a snapshot id; an ISO date (its first moment) or date and time, in UTC unless
   * an offset is written, as that instant; a duration ({@code 2h}) as so long ago; and anything
   * else as a branch or tag.
   */
  static PointInTime parse(String text, Clock clock) {
    String trimmed = text.strip();
    if (Text.DIGITS.matcher(trimmed).matches()) {
      return new Snapshot(snapshotId(trimmed));
    }
    Optional<Instant> instant = Text.instant(trimmed, clock);
    if (instant.isPresent()) {
      return new At(instant.get());
    }
    if (Text.LIKE_A_DATE.matcher(trimmed).find()) {
      throw Text.badInstant(trimmed);
    }
    return new Ref(trimmed);
  }

  /**
   * Reads an instant alone, with the forms of {@link #parse}.
   *
   * @throws FirnException (invalid) for anything else
   */
  static Instant instant(String text, Clock clock) {
    return Text.instant(text.strip(), clock).orElseThrow(() -> Text.badInstant(text));
  }

  /**
   * Reads a snapshot id.
   *
   * @throws FirnException (invalid) for anything but a number
   */
  static long snapshotId(String text) {
    try {
      return Long.parseLong(text.strip());
    } catch (NumberFormatException e) {
      throw FirnException.invalid(
          "Cannot read snapshot id '%s': expected a number; 'firn snapshots TABLE' lists them"
              .formatted(text));
    }
  }

  /** The text forms, kept off the interface. */
  final class Text {
    private static final Pattern DIGITS = Pattern.compile("\\d+");
    private static final Pattern LIKE_A_DATE = Pattern.compile("^\\d{4}-\\d{1,2}-\\d{1,2}");
    private static final DateTimeFormatter DATE_TIME =
        new DateTimeFormatterBuilder()
            .parseCaseInsensitive()
            .append(DateTimeFormatter.ISO_LOCAL_DATE)
            .appendPattern("['T'][' ']")
            .append(DateTimeFormatter.ISO_LOCAL_TIME)
            .optionalStart()
            .appendOffset("+HH:MM", "Z")
            .toFormatter();

    private Text() {}

    private static Optional<Instant> instant(String text, Clock clock) {
      if (UnitText.isDuration(text)) {
        return Optional.of(clock.instant().minus(UnitText.duration(text)));
      }
      try {
        if (text.length() == "2026-01-31".length()) {
          return Optional.of(LocalDate.parse(text).atStartOfDay().toInstant(ZoneOffset.UTC));
        }
        Object parsed = DATE_TIME.parseBest(text, OffsetDateTime::from, LocalDateTime::from);
        return Optional.of(
            parsed instanceof OffsetDateTime zoned
                ? zoned.toInstant()
                : ((LocalDateTime) parsed).toInstant(ZoneOffset.UTC));
      } catch (DateTimeParseException e) {
        return Optional.empty();
      }
    }

    private static FirnException badInstant(String text) {
      return FirnException.invalid(
          "Cannot read time '%s': expected 2026-01-31, 2026-01-31T12:30:00Z, or how long ago, such as 2h"
              .formatted(text));
    }
  }
}
