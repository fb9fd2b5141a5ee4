package dev.firn.compaction;

import dev.firn.compaction.maintain.Age;
import dev.firn.error.FirnException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How densely snapshots are kept, by their age: {@code all for 1h, 1m for 1d, 1h for 7d} keeps
 * every snapshot for an hour, after that one a minute until a day has passed, one an hour until a
 * week has, and then none. Ages count from the snapshot's commit. Immutable.
 */
record SnapshotGrades(List<Grade> grades) {
  private static final Pattern GRADE =
      Pattern.compile("(all|%1$s) for (%1$s)".formatted(Age.PATTERN));
  private static final String EXPECTED =
      "grades from young to old as in 'all for 1h, 1m for 1d, 1h for 7d' (units s, m, h, d; each"
          + " spacing a multiple of the one before it, each age greater), or 'none'";

  SnapshotGrades {
    grades = List.copyOf(grades);
  }

  /** Keeps one snapshot in each {@code spacing} (zero: all) until it is {@code until} old. */
  record Grade(Duration spacing, Duration until) {}

  /** Reads a property's text; {@code key} is for the error. */
  static SnapshotGrades parse(String key, String text) {
    List<Grade> grades = new ArrayList<>();
    for (String part : text.split(",", -1)) {
      Matcher found = GRADE.matcher(part.strip());
      if (!found.matches()) {
        throw bad(key, text);
      }
      Grade grade = new Grade(duration(found.group(1)), duration(found.group(2)));
      if (!grades.isEmpty() && !follows(grade, grades.get(grades.size() - 1))) {
        throw bad(key, text);
      }
      grades.add(grade);
    }
    return new SnapshotGrades(grades);
  }

  private static boolean follows(Grade grade, Grade finer) {
    long spacing = grade.spacing().toSeconds();
    long before = finer.spacing().toSeconds();
    return spacing > before
        && (before == 0 || spacing % before == 0)
        && grade.until().compareTo(finer.until()) > 0;
  }

  private static Duration duration(String text) {
    return text.equals("all") ? Duration.ZERO : Age.parse(text);
  }

  private static FirnException bad(String key, String text) {
    return FirnException.invalid(
        "Cannot read property %s: expected %s, got '%s'".formatted(key, EXPECTED, text));
  }
}
