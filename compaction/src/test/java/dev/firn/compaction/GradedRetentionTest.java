package dev.firn.compaction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.compaction.Timeline.Point;
import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.iceberg.SnapshotRef;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GradedRetentionTest {
  private static final long NOW = Duration.ofDays(20_000).toMillis();
  private static final long NONE_HELD = Long.MAX_VALUE;

  private static GradedRetention retention(String grades, int maxCount) {
    return GradedRetention.of(
            Map.of(
                GradedRetention.GRADES,
                grades,
                GradedRetention.MAX_COUNT,
                Integer.toString(maxCount)))
        .orElseThrow();
  }

  /** The last point is main's head. */
  private static Timeline timeline(List<Point> points, Map<String, SnapshotRef> others) {
    Map<String, SnapshotRef> refs = new HashMap<>(others);
    refs.put("main", SnapshotRef.branchBuilder(points.get(points.size() - 1).id()).build());
    return new Timeline(points, refs, 1);
  }

  private static Timeline without(Timeline timeline, Set<Long> expired) {
    return new Timeline(
        timeline.points().stream().filter(p -> !expired.contains(p.id())).toList(),
        timeline.refs(),
        timeline.minToKeep());
  }

  @Test
  void theLastOfEachIntervalStaysOnceItsGradeIsReached() {
    List<Point> points = new ArrayList<>();
    for (int i = 0; i <= 240; i++) {
      points.add(new Point(i, i == 0 ? null : i - 1L, i + 1, NOW - (240 - i) * 60_000L, false));
    }
    Set<Long> expired =
        retention("all for 1h, 30m for 3h", 100)
            .expired(timeline(points, Map.of()), NOW, NONE_HELD);

    List<Long> kept = points.stream().map(Point::id).filter(id -> !expired.contains(id)).toList();
    // NOW is a whole hour: minutes 0 to 60 are older than 3 h; 89, 119, 149, 179 end half hours.
    assertThat(kept).startsWith(89L, 119L, 149L, 179L, 181L).endsWith(240L);
    assertThat(kept).hasSize(4 + 60);
  }

  @Test
  void tenThousandCommitsInMinutesAreBoundedAtOnce() {
    List<Point> points = new ArrayList<>();
    for (int i = 0; i < 10_000; i++) {
      points.add(new Point(i, i == 0 ? null : i - 1L, i + 1, NOW - (10_000 - i) * 10L, false));
    }
    Set<Long> expired =
        retention(GradedRetention.DEFAULT_GRADES, 200)
            .expired(timeline(points, Map.of()), NOW, NONE_HELD);

    assertThat(points.size() - expired.size()).isBetween(101, 201);
    for (long id = 9_900; id < 10_000; id++) {
      assertThat(expired).doesNotContain(id);
    }
  }

  @Test
  void whatBranchesAndTagsHoldStays() {
    GradedRetention shortest = retention("all for 1s", 10);
    // The newest five are shared by three branches, one each.
    List<Point> longer = new ArrayList<>();
    for (long id = 1; id <= 40; id++) {
      longer.add(
          new Point(id, id == 1 ? null : id - 1, id, NOW - hours(41 - id).toMillis(), false));
    }
    Set<Long> expired =
        shortest.expired(
            timeline(
                longer,
                Map.of(
                    "old", SnapshotRef.tagBuilder(1).build(),
                    "side", SnapshotRef.branchBuilder(20).minSnapshotsToKeep(4).build(),
                    "young",
                        SnapshotRef.branchBuilder(30)
                            .maxSnapshotAgeMs(hours(13).toMillis())
                            .build())),
            NOW,
            NONE_HELD);
    assertThat(left(longer, expired)).containsExactly(1L, 17L, 18L, 19L, 20L, 28L, 29L, 30L, 40L);
  }

  private static List<Long> left(List<Point> points, Set<Long> expired) {
    return points.stream().map(Point::id).filter(id -> !expired.contains(id)).toList();
  }

  private static Duration hours(long hours) {
    return Duration.ofHours(hours);
  }

  @Test
  void stagedChangesStayForDaysAndTakeNobodysPlace() {
    List<Point> points = new ArrayList<>();
    for (long id = 1; id <= 30; id++) {
      points.add(new Point(id, null, id, NOW - hours(24 * (30 - id)).toMillis() - 1, id % 2 == 1));
    }
    Set<Long> expired =
        retention("1h for 1h", 10).expired(timeline(points, Map.of()), NOW, NONE_HELD);

    assertThat(left(points, expired)).containsExactly(27L, 29L, 30L);
  }

  @Test
  void nothingSinceWhatIsHeldExpires() {
    List<Point> points = new ArrayList<>();
    for (long id = 1; id <= 1000; id++) {
      points.add(new Point(id, id == 1 ? null : id - 1, id, NOW - (1000 - id), false));
    }
    Set<Long> expired = retention("all for 1h", 10).expired(timeline(points, Map.of()), NOW, 400);

    assertThat(left(points, expired)).contains(400L, 500L, 999L).hasSizeBetween(601, 611);
  }

  @Test
  void isSwitchedOffByNoneAndWhereItIsNotSet() {
    assertThat(GradedRetention.of(Map.of())).isEmpty();
    assertThat(GradedRetention.of(Map.of(GradedRetention.GRADES, "none"))).isEmpty();
    assertThat(GradedRetention.orDefault(Map.of()).maxCount()).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "all",
        "1m",
        "all for",
        "all for 0h",
        "1m for 1d, all for 2d",
        "1h for 1d, 1m for 2d",
        "1m for 1d, 1h for 12h",
        "7m for 1h, 1h for 1d",
        "all for 1h,",
        "all for 1y",
        "ALL for 1h",
        "1m for 1d 1h for 2d"
      })
  void badGradesAreInvalidAndSayWhatIsExpected(String text) {
    assertThatThrownBy(() -> retention(text, 200))
        .isInstanceOfSatisfying(
            FirnException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.INVALID))
        .hasMessageContaining("firn.snapshots.retention")
        .hasMessageContaining("'all for 1h, 1m for 1d, 1h for 7d'")
        .hasMessageContaining("got '" + text + "'");
  }

  @ParameterizedTest
  @ValueSource(strings = {"9", "-1", "many", "", "99999999999"})
  void badCountsAreInvalid(String text) {
    assertThatThrownBy(
            () ->
                GradedRetention.of(
                    Map.of(GradedRetention.GRADES, "all for 1h", GradedRetention.MAX_COUNT, text)))
        .hasMessageContaining(
            "firn.snapshots.max-count: expected a number, 10 or more, got '" + text);
  }

  @RepeatedTest(50)
  void isBoundedStableAndConvergesOnRandomHistories(RepetitionInfo repetition) {
    long seed = Long.getLong("firn.retention.seed", 0) + repetition.getCurrentRepetition();
    Random random = new Random(seed);
    int max = 10 + random.nextInt(60);
    GradedRetention retention = retention(grades(random), max);
    Timeline timeline = history(random);
    long now = NOW;
    Set<Long> everKept = new HashSet<>(ids(timeline));
    for (int round = 0; round < 4; round++) {
      Set<Long> expired = retention.expired(timeline, now, NONE_HELD);
      Set<Long> heads =
          timeline.refs().values().stream()
              .map(SnapshotRef::snapshotId)
              .collect(Collectors.toSet());
      assertThat(expired).as("seed %d", seed).doesNotContainAnyElementsOf(heads);
      timeline = without(timeline, expired);
      assertThat(timeline.points().size())
          .as("seed %d", seed)
          .isLessThanOrEqualTo(max + heads.size());
      assertThat(retention.expired(timeline, now, NONE_HELD)).as("seed %d, again", seed).isEmpty();
      assertThat(everKept).containsAll(ids(timeline));
      everKept = ids(timeline);
      now += (long) Math.exp(random.nextDouble() * 20);
    }
  }

  /** Expiring often leaves what expiring once leaves, where the count does not press. */
  @RepeatedTest(20)
  void howOftenOneLooksDoesNotMatter(RepetitionInfo repetition) {
    long seed = Long.getLong("firn.retention.seed", 0) + repetition.getCurrentRepetition();
    Random random = new Random(seed);
    GradedRetention retention = retention(grades(random), 1000);
    Timeline timeline = history(random);
    Timeline often = timeline;
    long now = NOW;
    for (int round = 0; round < 10; round++) {
      now += (long) Math.exp(random.nextDouble() * 18);
      often = without(often, retention.expired(often, now, NONE_HELD));
    }
    Set<Long> once = retention.expired(timeline, now, NONE_HELD);
    assertThat(ids(often)).as("seed %d", seed).isEqualTo(ids(without(timeline, once)));
  }

  private static Set<Long> ids(Timeline timeline) {
    return timeline.points().stream().map(Point::id).collect(Collectors.toSet());
  }

  private static String grades(Random random) {
    String[] all = {
      "all for 1m", "10s for 10m", "1m for 1h", "10m for 1d", "1h for 7d", "1d for 90d"
    };
    List<String> some = new ArrayList<>();
    for (String grade : all) {
      if (random.nextInt(3) > 0) {
        some.add(grade);
      }
    }
    return some.isEmpty() ? "1h for 1d" : String.join(", ", some);
  }

  /** A chain with a branch, tags and a rollback, at times that get denser or rarer. */
  private static Timeline history(Random random) {
    int count = 1 + random.nextInt(400);
    double pace = random.nextDouble() * 16;
    List<Point> points = new ArrayList<>();
    long millis = NOW;
    for (int i = count; i > 0; i--) {
      millis -= (long) Math.exp(random.nextDouble() * pace);
      Long parent =
          i == 1 ? null : random.nextInt(20) == 0 ? (long) (1 + random.nextInt(i - 1)) : i - 1L;
      points.add(0, new Point(i, parent, i, millis, false));
    }
    Map<String, SnapshotRef> refs = new HashMap<>();
    for (int i = 0; i < random.nextInt(4); i++) {
      refs.put("t" + i, SnapshotRef.tagBuilder(1 + random.nextInt(count)).build());
    }
    if (random.nextBoolean()) {
      refs.put("b", SnapshotRef.branchBuilder(1 + random.nextInt(count)).build());
    }
    return timeline(points, refs);
  }
}
