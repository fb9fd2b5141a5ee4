package dev.firn.compaction;

import dev.firn.compaction.Timeline.Point;
import dev.firn.error.FirnException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.iceberg.SnapshotRef;
import org.apache.iceberg.TableMetadata;
import org.jspecify.annotations.Nullable;

/**
 * Which snapshots of a table stay: all of the youngest, fewer the older they get, and never many,
 * however fast they come. A pure function of the table's snapshots and the time. Immutable.
 *
 * <p>How it works: of each interval of a grade, counted from the epoch, the last snapshot stays; so
 * which one stays does not depend on when one looks. Where more than {@link #maxCount} would be
 * kept, the smallest spacing doubles until they fit. The newest {@code maxCount / 2} ancestors of
 * the branches always stay, without gaps: a change that is checked against what happened since the
 * snapshot it was computed from needs all between.
 *
 * <p>Whatever the grades say, these stay, and do not count: heads of branches and tags; as many
 * ancestors, or ancestors so young, as a branch's own settings or {@code
 * history.expire.min-snapshots-to-keep} ask for; and for {@value #STAGED_DAYS} days changes that
 * were staged to be published later. {@code history.expire.max-snapshot-age-ms} is not looked at.
 */
public final class GradedRetention {
  /** The table property with the grades; {@code none} keeps every snapshot. */
  public static final String GRADES = "firn.snapshots.retention";

  /** The table property that says how many snapshots are kept at most, tags aside. */
  public static final String MAX_COUNT = "firn.snapshots.max-count";

  /** The grades of tables that Firn creates. */
  public static final String DEFAULT_GRADES = "all for 1h, 1m for 1d, 1h for 7d, 1d for 90d";

  public static final int DEFAULT_MAX_COUNT = 200;

  private static final String OFF = "none";
  private static final int LEAST_MAX_COUNT = 10;
  private static final int STAGED_DAYS = 5;
  private static final Comparator<Point> BY_TIME =
      Comparator.comparingLong(Point::millis)
          .thenComparingLong(Point::sequence)
          .thenComparingLong(Point::id);

  private final SnapshotGrades grades;
  private final int maxCount;

  private GradedRetention(SnapshotGrades grades, int maxCount) {
    this.grades = grades;
    this.maxCount = maxCount;
  }

  /**
   * Reads a table's properties; empty where they ask for no graded retention.
   *
   * @throws FirnException (invalid) with the expected form
   */
  public static Optional<GradedRetention> of(Map<String, String> properties) {
    return properties.getOrDefault(GRADES, OFF).strip().equals(OFF)
        ? Optional.empty()
        : Optional.of(read(properties, properties.getOrDefault(GRADES, OFF)));
  }

  /** As {@link #of}, with the default grades where the table has none. */
  public static GradedRetention orDefault(Map<String, String> properties) {
    return of(properties).orElseGet(() -> read(properties, DEFAULT_GRADES));
  }

  private static GradedRetention read(Map<String, String> properties, String grades) {
    String count = properties.getOrDefault(MAX_COUNT, Integer.toString(DEFAULT_MAX_COUNT));
    if (!count.matches("\\d{1,9}") || Integer.parseInt(count) < LEAST_MAX_COUNT) {
      throw FirnException.invalid(
          "Cannot read property %s: expected a number, %d or more, got '%s'"
              .formatted(MAX_COUNT, LEAST_MAX_COUNT, count));
    }
    return new GradedRetention(SnapshotGrades.parse(GRADES, grades), Integer.parseInt(count));
  }

  /** Returns how many snapshots are kept at most, beside those that must stay. */
  public int maxCount() {
    return maxCount;
  }

  /** Returns how many snapshots of the table would expire at {@code now}. Reads nothing. */
  public int expiredAt(TableMetadata table, Instant now) {
    long millis = now.toEpochMilli();
    return expired(Timeline.of(table, millis), millis, Long.MAX_VALUE).size();
  }

  /**
   * Returns the ids of the snapshots that expire at {@code now}.
   *
   * @param heldSince a sequence number from which on every snapshot stays, for work in progress;
   *     {@link Long#MAX_VALUE} where there is none
   */
  Set<Long> expired(Timeline timeline, long now, long heldSince) {
    Set<Long> held = held(timeline, now, heldSince);
    Set<Long> newest = newest(timeline);
    newest.removeAll(held);
    List<Point> inOrder =
        timeline.points().stream().filter(p -> !p.staged()).sorted(BY_TIME).toList();
    Set<Long> kept = fitting(inOrder, now, held, newest);
    Set<Long> expired = new HashSet<>();
    for (Point point : timeline.points()) {
      if (!kept.contains(point.id()) && !held.contains(point.id())) {
        expired.add(point.id());
      }
    }
    return expired;
  }

  /** What stays whatever the grades say. */
  private static Set<Long> held(Timeline timeline, long now, long heldSince) {
    Set<Long> held = new HashSet<>();
    for (SnapshotRef ref : timeline.refs().values()) {
      held.add(ref.snapshotId());
    }
    Map<Long, Point> byId = timeline.byId();
    for (SnapshotRef branch : timeline.branches()) {
      Integer own = branch.minSnapshotsToKeep();
      Long age = branch.maxSnapshotAgeMs();
      int least = own == null ? timeline.minToKeep() : own;
      int count = 0;
      for (Point point = byId.get(branch.snapshotId());
          point != null && (count < least || (age != null && now - point.millis() <= age));
          point = parent(byId, point)) {
        held.add(point.id());
        count++;
      }
    }
    long staged = now - Duration.ofDays(STAGED_DAYS).toMillis();
    for (Point point : timeline.points()) {
      if (point.sequence() >= heldSince || (point.staged() && point.millis() >= staged)) {
        held.add(point.id());
      }
    }
    return held;
  }

  /** The newest ancestors of each branch, the places shared out evenly. */
  private Set<Long> newest(Timeline timeline) {
    Set<Long> newest = new HashSet<>();
    Map<Long, Point> byId = timeline.byId();
    List<SnapshotRef> branches = timeline.branches();
    for (SnapshotRef branch : branches) {
      int places = maxCount / 2 / branches.size();
      for (Point point = byId.get(branch.snapshotId());
          point != null && places > 0;
          point = parent(byId, point)) {
        newest.add(point.id());
        places--;
      }
    }
    return newest;
  }

  private static @Nullable Point parent(Map<Long, Point> byId, Point point) {
    return point.parent() == null ? null : byId.get(point.parent());
  }

  private Set<Long> fitting(List<Point> inOrder, long now, Set<Long> held, Set<Long> newest) {
    long[] spacings =
        grades.grades().stream().mapToLong(grade -> grade.spacing().toMillis()).toArray();
    while (true) {
      Set<Long> kept = graded(inOrder, now, spacings);
      kept.removeAll(held);
      kept.addAll(newest);
      if (kept.size() <= maxCount || !coarsen(spacings)) {
        return kept;
      }
    }
  }

  private Set<Long> graded(List<Point> inOrder, long now, long[] spacings) {
    Set<Long> kept = new HashSet<>();
    for (int i = 0; i < inOrder.size(); i++) {
      Point point = inOrder.get(i);
      int grade = grade(now - point.millis());
      if (grade == spacings.length) {
        continue;
      }
      long spacing = spacings[grade];
      if (spacing == 0
          || i == inOrder.size() - 1
          || Math.floorDiv(point.millis(), spacing)
              != Math.floorDiv(inOrder.get(i + 1).millis(), spacing)) {
        kept.add(point.id());
      }
    }
    return kept;
  }

  /** The number of the grade that a snapshot of this age is in; one too many where in none. */
  private int grade(long age) {
    int grade = 0;
    while (grade < grades.grades().size() && age >= grades.grades().get(grade).until().toMillis()) {
      grade++;
    }
    return grade;
  }

  /** Doubles the smallest spacing; false where each spans all time. */
  private static boolean coarsen(long[] spacings) {
    long smallest = Arrays.stream(spacings).min().orElse(Long.MAX_VALUE);
    if (smallest > Long.MAX_VALUE / 4) {
      return false;
    }
    for (int i = 0; i < spacings.length; i++) {
      if (spacings[i] == smallest) {
        spacings[i] = smallest == 0 ? 1000 : 2 * smallest;
        return true;
      }
    }
    return false;
  }
}
