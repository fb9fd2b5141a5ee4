package dev.firn.compaction.policy;

import static dev.firn.compaction.policy.WorkKind.COMPACT_COLD;
import static dev.firn.compaction.policy.WorkKind.COMPACT_DELETES;
import static dev.firn.compaction.policy.WorkKind.COMPACT_RECENT;
import static dev.firn.compaction.policy.WorkKind.COMPUTE_STATISTICS;
import static dev.firn.compaction.policy.WorkKind.CONVERT_DELETES;
import static dev.firn.compaction.policy.WorkKind.CONVERT_POSITION_DELETES;
import static dev.firn.compaction.policy.WorkKind.DROP_OLD_ROWS;
import static dev.firn.compaction.policy.WorkKind.EXPIRE_SNAPSHOTS;
import static dev.firn.compaction.policy.WorkKind.MERGE_MANIFESTS;
import static dev.firn.compaction.policy.WorkKind.REMOVE_DANGLING_DELETES;
import static dev.firn.compaction.policy.WorkKind.SWEEP;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.firn.compaction.maintain.Retention;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.iceberg.expressions.Expressions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class DueWorkTest {
  private static final Instant NOW = Instant.parse("2026-06-01T12:00:00Z");
  private static final long TARGET = 512L << 20;
  private static final long KB = 1_000;
  private static final long MB = 1_000_000;

  /** A table in the making; a sweep was done just now unless told otherwise. */
  private static final class State {
    private final List<PartitionHealth> partitions = new ArrayList<>();
    private final Map<String, String> properties = new TreeMap<>();
    private final Map<WorkKind, WorkHistory.Past> past =
        new EnumMap<>(Map.of(SWEEP, new WorkHistory.Past(NOW, Duration.ZERO, 0, 0)));
    private int smallManifests;
    private int snapshots = 10;
    private int expired;
    private boolean empty;
    private int version = 3;
    private long positionDeletes;
    private boolean dangling;
    private OptionalDouble changed = OptionalDouble.empty();
    private Optional<Instant> oldest = Optional.empty();

    /** Of the partitions that come after. */
    State positionDeletes(long files, int formatVersion) {
      positionDeletes = files;
      version = formatVersion;
      return this;
    }

    /** In the partitions that come after. */
    State dangling() {
      dangling = true;
      return this;
    }

    State changed(double share) {
      changed = OptionalDouble.of(share);
      return property(MaintenancePolicy.STATISTICS, "true");
    }

    State retained(Duration oldestRow) {
      oldest = Optional.of(NOW.minus(oldestRow));
      return property(Retention.COLUMN, "at").property(Retention.AGE, "30d");
    }

    State partition(String path, long files, long fileBytes, Duration changed, Duration oldest) {
      return partition(path, files, fileBytes, changed, oldest, 0, 0);
    }

    State partition(
        String path,
        long files,
        long fileBytes,
        Duration changed,
        Duration oldest,
        long equalityDeletes,
        long deletedRows) {
      Tally tally = new Tally();
      for (int i = 0; i < files; i++) {
        tally.addData(fileBytes, 1_000, 1, fileBytes < TARGET * 3 / 4);
      }
      List<PartitionHealth.Tier> tiers = new ArrayList<>();
      for (int i = 0; i < Tally.TIERS; i++) {
        if (tally.tierFiles[i] > 0) {
          tiers.add(
              new PartitionHealth.Tier(Tally.tierLimit(i), tally.tierFiles[i], tally.tierBytes[i]));
        }
      }
      partitions.add(
          new PartitionHealth(
              path,
              Expressions.equal("part", path),
              tally.files,
              tally.bytes,
              tally.rows,
              tally.smallFiles,
              tally.smallBytes,
              equalityDeletes + (deletedRows > 0 ? 1 : 0),
              equalityDeletes,
              positionDeletes,
              deletedRows,
              0,
              dangling,
              NOW.minus(changed),
              NOW.minus(oldest),
              tiers));
      return this;
    }

    State property(String key, String value) {
      properties.put(key, value);
      return this;
    }

    State past(WorkKind kind, Duration ago, Duration took, int failures, int idle) {
      past.put(kind, new WorkHistory.Past(NOW.minus(ago), took, failures, idle));
      return this;
    }

    State neverSwept() {
      past.remove(SWEEP);
      return this;
    }

    State manifests(int small) {
      smallManifests = small;
      return this;
    }

    State snapshots(int all, int tooMany) {
      snapshots = all;
      expired = tooMany;
      return this;
    }

    State empty() {
      empty = true;
      return this;
    }

    List<DueWork> due() {
      TableHealth health =
          new TableHealth(
              "shop.orders",
              empty ? OptionalLong.empty() : OptionalLong.of(1),
              version,
              TARGET,
              partitions,
              smallManifests,
              smallManifests,
              snapshots,
              expired,
              200,
              60,
              changed,
              oldest,
              false,
              properties);
      return DueWork.of(health, MaintenancePolicy.of(properties), new WorkHistory(past), NOW);
    }
  }

  private static Duration minutes(long minutes) {
    return Duration.ofMinutes(minutes);
  }

  private static Duration seconds(long seconds) {
    return Duration.ofSeconds(seconds);
  }

  private static Duration hours(long hours) {
    return Duration.ofHours(hours);
  }

  static Stream<Arguments> states() {
    return Stream.of(
            recentFiles(),
            coldFiles(),
            metadata(),
            sweeps(),
            switches(),
            pastRuns(),
            deleteFiles(),
            statistics(),
            oldRows())
        .flatMap(all -> all);
  }

  private static Stream<Arguments> recentFiles() {
    return Stream.of(
        arguments("a table without a snapshot", new State().empty(), List.of()),
        arguments(
            "large files",
            new State().partition("a", 500, 600 * MB, seconds(1), hours(9)),
            List.of()),
        arguments(
            "few small files that are young",
            new State().partition("a", 15, 50 * KB, seconds(1), seconds(20)),
            List.of()),
        arguments(
            "as many small files as the policy waits for",
            new State().partition("a", 16, 50 * KB, seconds(1), seconds(3)),
            List.of(COMPACT_RECENT)),
        arguments(
            "more of them asked for",
            new State()
                .partition("a", 16, 50 * KB, seconds(1), seconds(3))
                .property(MaintenancePolicy.MIN_FILES, "17"),
            List.of()),
        arguments(
            "some small files that have waited",
            new State().partition("a", 4, 50 * KB, seconds(1), minutes(6)),
            List.of(COMPACT_RECENT)),
        arguments(
            "fewer than some",
            new State().partition("a", 3, 50 * KB, seconds(1), minutes(6)),
            List.of()));
  }

  private static Stream<Arguments> coldFiles() {
    return Stream.of(
        arguments(
            "two small files of a cold partition",
            new State().partition("a", 2, 50 * KB, hours(2), hours(2)),
            List.of(COMPACT_COLD)),
        arguments(
            "a single small file of a cold partition, which is all there is",
            new State().partition("a", 1, 50 * KB, hours(2), hours(2)),
            List.of()),
        arguments(
            "small files of a cold partition that are not fewer when merged",
            new State().partition("a", 2, 380 * MB, hours(2), hours(2)),
            List.of()),
        arguments(
            "a partition that is cold later",
            new State()
                .partition("a", 2, 50 * KB, hours(2), hours(2))
                .property(MaintenancePolicy.COLD_AFTER, "3h"),
            List.of()),
        arguments(
            "many deleted rows",
            new State().partition("a", 10, 600 * MB, hours(2), hours(2), 0, 3_000),
            List.of(COMPACT_DELETES)),
        arguments(
            "few deleted rows",
            new State().partition("a", 10, 600 * MB, hours(2), hours(2), 0, 2_900),
            List.of()));
  }

  private static Stream<Arguments> metadata() {
    return Stream.of(
        arguments(
            "equality deletes",
            new State().partition("a", 10, 600 * MB, hours(2), hours(2), 7, 0),
            List.of(CONVERT_DELETES)),
        arguments("small manifests that upkeep leaves", new State().manifests(63), List.of()),
        arguments(
            "small manifests and no upkeep", new State().manifests(64), List.of(MERGE_MANIFESTS)),
        arguments(
            "snapshots past retention for the first time",
            new State().snapshots(20, 3),
            List.of(EXPIRE_SNAPSHOTS)),
        arguments(
            "some snapshots past retention, expired lately",
            new State().snapshots(200, 3).past(EXPIRE_SNAPSHOTS, minutes(59), seconds(1), 0, 0),
            List.of()),
        arguments(
            "some snapshots past retention, expired an hour ago",
            new State().snapshots(200, 3).past(EXPIRE_SNAPSHOTS, minutes(60), seconds(1), 0, 0),
            List.of(EXPIRE_SNAPSHOTS)),
        arguments(
            "far too many snapshots",
            new State().snapshots(251, 51).past(EXPIRE_SNAPSHOTS, minutes(1), seconds(1), 0, 0),
            List.of(EXPIRE_SNAPSHOTS)),
        arguments(
            "snapshots of a table whose files must stay",
            new State().snapshots(251, 51).property("gc.enabled", "false"),
            List.of()));
  }

  private static Stream<Arguments> sweeps() {
    return Stream.of(
        arguments("no sweep yet", new State().neverSwept(), List.of(SWEEP)),
        arguments(
            "a sweep that is not wanted",
            new State().neverSwept().property(MaintenancePolicy.SWEEP_INTERVAL, "0s"),
            List.of()),
        arguments(
            "a sweep a day ago",
            new State().past(SWEEP, hours(24), seconds(1), 0, 0),
            List.of(SWEEP)),
        arguments(
            "everything at once, the most urgent first",
            new State()
                .partition("a", 40, 50 * KB, seconds(1), minutes(6))
                .partition("b", 9, 50 * KB, hours(2), hours(2), 4, 0)
                .manifests(100)
                .snapshots(300, 100)
                .neverSwept(),
            List.of(
                EXPIRE_SNAPSHOTS,
                MERGE_MANIFESTS,
                COMPACT_RECENT,
                COMPACT_COLD,
                CONVERT_DELETES,
                SWEEP)));
  }

  private static Stream<Arguments> switches() {
    return Stream.of(
        arguments(
            "everything switched off",
            new State()
                .partition("a", 40, 50 * KB, seconds(1), minutes(6))
                .manifests(100)
                .snapshots(300, 100)
                .neverSwept()
                .property(MaintenancePolicy.ENABLED, "false"),
            List.of()),
        arguments(
            "parts switched off",
            new State()
                .partition("a", 40, 50 * KB, hours(2), hours(2), 4, 40_000)
                .manifests(100)
                .snapshots(300, 100)
                .property(MaintenancePolicy.COMPACTION, "false")
                .property(MaintenancePolicy.DELETES, "false")
                .property(MaintenancePolicy.EXPIRY, "false")
                .property(MaintenancePolicy.MANIFESTS, "false"),
            List.of()),
        arguments(
            "quiet hours, in which only what is urgent is done",
            new State()
                .partition("a", 40, 50 * KB, seconds(1), minutes(6))
                .partition("b", 9, 50 * KB, hours(2), hours(2))
                .neverSwept()
                .property(MaintenancePolicy.QUIET_HOURS, "08:00-18:00"),
            List.of(COMPACT_RECENT)));
  }

  private static Stream<Arguments> pastRuns() {
    return Stream.of(
        arguments(
            "work that has just failed",
            new State()
                .partition("a", 40, 50 * KB, seconds(1), minutes(6))
                .past(COMPACT_RECENT, seconds(9), seconds(1), 1, 0),
            List.of()),
        arguments(
            "work that failed long enough ago",
            new State()
                .partition("a", 40, 50 * KB, seconds(1), minutes(6))
                .past(COMPACT_RECENT, seconds(10), seconds(1), 1, 0),
            List.of(COMPACT_RECENT)),
        arguments(
            "work that failed again and again",
            new State()
                .partition("a", 40, 50 * KB, seconds(1), minutes(6))
                .past(COMPACT_RECENT, minutes(59), seconds(1), 40, 0),
            List.of()),
        arguments(
            "work that found nothing to do",
            new State()
                .partition("a", 4, 50 * KB, hours(2), hours(2))
                .past(COMPACT_COLD, minutes(3), seconds(1), 0, 3),
            List.of()),
        arguments(
            "work that took its share of the time",
            new State()
                .partition("a", 40, 50 * KB, seconds(1), minutes(6))
                .past(COMPACT_RECENT, seconds(29), seconds(30), 0, 0),
            List.of()),
        arguments(
            "work that may take all the time",
            new State()
                .partition("a", 40, 50 * KB, seconds(1), minutes(6))
                .past(COMPACT_RECENT, seconds(29), seconds(30), 0, 0)
                .property(MaintenancePolicy.SHARE, "1"),
            List.of(COMPACT_RECENT)));
  }

  private static Stream<Arguments> deleteFiles() {
    return Stream.of(
        arguments(
            "position deletes of version 3",
            new State().positionDeletes(2, 3).partition("a", 10, 600 * MB, hours(2), hours(2)),
            List.of(CONVERT_POSITION_DELETES)),
        arguments(
            "position deletes of version 2, which has no others",
            new State().positionDeletes(2, 2).partition("a", 10, 600 * MB, hours(2), hours(2)),
            List.of()),
        arguments(
            "delete files that delete nothing",
            new State().dangling().partition("a", 10, 600 * MB, hours(2), hours(2)),
            List.of(REMOVE_DANGLING_DELETES)),
        arguments(
            "delete files that delete nothing, removed lately",
            new State()
                .dangling()
                .partition("a", 10, 600 * MB, hours(2), hours(2))
                .past(REMOVE_DANGLING_DELETES, minutes(59), seconds(1), 0, 0),
            List.of()),
        arguments(
            "delete files that are not wanted to be looked at",
            new State()
                .dangling()
                .positionDeletes(2, 3)
                .partition("a", 10, 600 * MB, hours(2), hours(2), 3, 0)
                .property(MaintenancePolicy.DELETES, "false"),
            List.of()));
  }

  private static Stream<Arguments> statistics() {
    return Stream.of(
        arguments(
            "statistics that nobody asked for",
            new State().partition("a", 1, 600 * MB, hours(2), hours(2)),
            List.of()),
        arguments(
            "statistics that were never computed",
            new State()
                .property(MaintenancePolicy.STATISTICS, "true")
                .partition("a", 1, 600 * MB, hours(2), hours(2)),
            List.of(COMPUTE_STATISTICS)),
        arguments(
            "statistics of a table without rows",
            new State().property(MaintenancePolicy.STATISTICS, "true"),
            List.of()),
        arguments(
            "statistics of a table that is too large",
            new State()
                .property(MaintenancePolicy.STATISTICS, "true")
                .property(MaintenancePolicy.STATISTICS_MAX_BYTES, "500MB")
                .partition("a", 1, 600 * MB, hours(2), hours(2)),
            List.of()),
        arguments(
            "statistics that are nearly right",
            new State().changed(0.09).partition("a", 1, 600 * MB, hours(2), hours(2)),
            List.of()),
        arguments(
            "statistics of other rows",
            new State().changed(0.1).partition("a", 1, 600 * MB, hours(2), hours(2)),
            List.of(COMPUTE_STATISTICS)),
        arguments(
            "statistics of other rows, computed today",
            new State()
                .changed(1)
                .partition("a", 1, 600 * MB, hours(2), hours(2))
                .past(COMPUTE_STATISTICS, hours(23), seconds(1), 0, 0),
            List.of()),
        arguments(
            "statistics whose computation failed",
            new State()
                .changed(1)
                .partition("a", 1, 600 * MB, hours(2), hours(2))
                .past(COMPUTE_STATISTICS, hours(1), seconds(1), 1, 0),
            List.of(COMPUTE_STATISTICS)));
  }

  private static Stream<Arguments> oldRows() {
    return Stream.of(
        arguments("young rows", new State().retained(hours(30 * 24)), List.of()),
        arguments("old rows", new State().retained(hours(30 * 24 + 1)), List.of(DROP_OLD_ROWS)),
        arguments(
            "old rows, looked for today",
            new State()
                .retained(hours(30 * 24 + 1))
                .past(DROP_OLD_ROWS, hours(23), seconds(1), 0, 0),
            List.of()),
        arguments(
            "old rows, looked for as long ago as they live",
            new State()
                .retained(hours(2))
                .property(Retention.AGE, "1h")
                .past(DROP_OLD_ROWS, hours(1), seconds(1), 0, 0),
            List.of(DROP_OLD_ROWS)),
        arguments(
            "old rows that are to be left",
            new State().retained(hours(800)).property(MaintenancePolicy.RETENTION_INTERVAL, "0s"),
            List.of()));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("states")
  void whatIsDue(String name, State state, List<WorkKind> expected) {
    assertThat(state.due()).as(name).extracting(DueWork::kind).containsExactlyElementsOf(expected);
  }

  /** Each row is rewritten once for each size of files, not once for each commit. */
  @Test
  void smallFilesBecomeOneOfTheirOwnSizeAndLargerOnesAreLeft() {
    State state = new State().partition("", 16, 50 * KB, seconds(1), seconds(3));
    state.partitions.set(
        0, withTier(state.partitions.get(0), new PartitionHealth.Tier(4 << 20, 10, 20 * MB)));

    DueWork.Scope scope = state.due().get(0).scope();

    assertThat(scope.targetBytes()).isEqualTo(16 * 50 * KB);
    assertThat(2 * MB).as("what was merged before").isGreaterThan(scope.targetBytes() * 3 / 4);
  }

  private static PartitionHealth withTier(PartitionHealth of, PartitionHealth.Tier tier) {
    List<PartitionHealth.Tier> tiers = new ArrayList<>(of.tiers());
    tiers.add(tier);
    return new PartitionHealth(
        of.path(),
        of.filter(),
        of.files() + tier.files(),
        of.bytes() + tier.bytes(),
        of.rows(),
        of.smallFiles() + tier.files(),
        of.smallBytes() + tier.bytes(),
        0,
        0,
        0,
        0,
        0,
        false,
        of.lastChange(),
        of.oldestSmall(),
        tiers);
  }

  @Test
  void partitionsThatGainMostForTheirBytesAreDoneWithinTheBudget() {
    DueWork work =
        new State()
            .partition("heavy", 20, 300 * MB, hours(2), hours(2))
            .partition("light", 20, 1 * MB, hours(2), hours(2))
            .partition("lighter", 200, 100 * KB, hours(2), hours(2))
            .property(MaintenancePolicy.MAX_BYTES, "1GB")
            .due()
            .get(0);

    assertThat(work.scope().partitions()).containsExactly("lighter", "light");
    assertThat(work.scope().bytes()).isEqualTo(40 * MB);
    assertThat(work.gain()).isEqualTo(199 + 19);
    assertThat(work.scope().filter().toString())
        .contains("light", "lighter")
        .doesNotContain("heavy");
  }

  @Test
  void partitionAboveTheBudgetIsDoneAlone() {
    DueWork work =
        new State()
            .partition("heavy", 20, 300 * MB, hours(2), hours(2))
            .property(MaintenancePolicy.MAX_BYTES, "1GB")
            .due()
            .get(0);

    assertThat(work.scope().partitions()).containsExactly("heavy");
  }
}
