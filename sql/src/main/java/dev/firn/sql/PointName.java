package dev.firn.sql;

import dev.firn.error.FirnException;
import dev.firn.scan.SnapshotSelector;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.regex.Pattern;

/**
 * A point in a table's past, as a query writes it after the table's name. Stateless: digits are a
 * snapshot id; {@code 2026-01-31} (its first moment) and {@code 2026-01-31T12:00:00Z} are instants,
 * in UTC; anything else is a branch or a tag.
 */
final class PointName {
  private static final Pattern DIGITS = Pattern.compile("\\d+");
  private static final Pattern DATE = Pattern.compile("\\d{4}-\\d{2}-\\d{2}");
  private static final Pattern LIKE_A_TIME = Pattern.compile("^\\d{4}-\\d{2}-\\d{2}[T ]");

  private PointName() {}

  static SnapshotSelector parse(String text) {
    try {
      if (DIGITS.matcher(text).matches()) {
        return new SnapshotSelector.ById(Long.parseLong(text));
      }
      if (DATE.matcher(text).matches()) {
        return new SnapshotSelector.AsOf(
            LocalDate.parse(text).atStartOfDay().toInstant(ZoneOffset.UTC));
      }
      return LIKE_A_TIME.matcher(text).find()
          ? new SnapshotSelector.AsOf(Instant.parse(text))
          : new SnapshotSelector.Ref(text);
    } catch (NumberFormatException | DateTimeParseException e) {
      throw FirnException.invalid(
          "Cannot run the SQL statement: '@%s' names no point in time, expected a snapshot id, 2026-01-31, 2026-01-31T12:30:00Z, a branch or a tag"
              .formatted(text));
    }
  }
}
