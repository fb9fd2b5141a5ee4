package dev.firn.compaction;

import static dev.firn.compaction.ExpiringManifestsTest.assertReadable;
import static dev.firn.testing.TableFixture.row;
import static dev.firn.testing.TableFixture.write;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.testing.TableFixture;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.regex.Pattern;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.ExpireSnapshots;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.HasTableOperations;
import org.apache.iceberg.ManageSnapshots;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableMetadataParser;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Expiry of tables with branches and tags that have ages of their own, beside Iceberg's: nothing
 * that it keeps goes, and every state that is left can be read.
 */
class RefExpiryTest {
  private static final Schema SCHEMA =
      new Schema(Types.NestedField.required(1, "id", Types.LongType.get()));
  private static final int STEPS = 25;
  private static final Pattern SNAPSHOT =
      Pattern.compile(
          "(\"snapshot-id\":(\\d+),(?:\"parent-snapshot-id\":\\d+,)?\"timestamp-ms\":)\\d+");
  private static final Pattern LOGGED =
      Pattern.compile("\\{\"timestamp-ms\":\\d+,\"snapshot-id\":(\\d+)\\}");

  private final TableFixture fixture = TableFixture.open();

  @AfterEach
  void close() {
    fixture.close();
  }

  /** Snapshots and refs of a table. */
  private record Kept(Set<Long> snapshots, Set<String> refs) {
    static Kept of(Table table) {
      table.refresh();
      Set<Long> snapshots = new HashSet<>();
      table.snapshots().forEach(snapshot -> snapshots.add(snapshot.snapshotId()));
      return new Kept(snapshots, Set.copyOf(table.refs().keySet()));
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void nothingThatIcebergKeepsGoes(long seed) {
    Random random = new Random(Long.getLong("firn.refs.seed", 0xEF5) + seed);
    Table table = fixture.create(SCHEMA, 2);
    grow(table, random);
    String json = aged(table, random);
    String what = "seed " + seed;
    Instant before = Instant.now().minus(Duration.ofHours(random.nextInt(60)));
    int last = 1 + random.nextInt(4);

    install(table, json);
    Kept byTable = expire(table, table.expireSnapshots());
    install(table, json);
    Kept asked =
        expire(
            table, table.expireSnapshots().expireOlderThan(before.toEpochMilli()).retainLast(last));
    install(table, json);
    // What refs alone ask for: the grades decide on the rest.
    Kept byRefs =
        expire(table, table.expireSnapshots().expireOlderThan(System.currentTimeMillis() + 1));

    install(table, json);
    Set<String> doomed = Set.copyOf(SnapshotExpiry.of(table).plan().refs());
    assertThat(Kept.of(table).refs()).as(what).containsAll(doomed);
    install(table, json);
    SnapshotExpiry.of(table).olderThan(before).retainLast(last).plan();
    // Without removal, as the files are used again.
    install(table, json);
    GradedExpiry graded = GradedExpiry.of(table).removal((replaced, files, removal) -> {});
    List<Long> planned = graded.plan().snapshots();
    assertThat(graded.run().snapshots()).isEqualTo(planned);
    Kept kept = Kept.of(table);
    assertThat(kept.snapshots()).as(what).containsAll(byRefs.snapshots());
    assertThat(kept.refs()).as(what).isEqualTo(byRefs.refs());

    install(table, json);
    Set<Long> expired = Set.copyOf(SnapshotExpiry.of(table).plan().snapshots());
    assertThat(expired).as(what).doesNotContainAnyElementsOf(byTable.snapshots());
    SnapshotExpiry.of(table).olderThan(before).retainLast(last).run();
    assertThat(Kept.of(table)).as(what).isEqualTo(asked);
    assertReadable(table);
  }

  @Test
  void agedRefsGoEvenWhereNoSnapshotDoes() {
    for (boolean graded : new boolean[] {true, false}) {
      Table table = fixture.create(SCHEMA, 2);
      append(table, "main", 1);
      table
          .manageSnapshots()
          .createTag("old", table.currentSnapshot().snapshotId())
          .setMaxRefAgeMs("old", 1)
          .createBranch("mine", table.currentSnapshot().snapshotId())
          .commit();
      table.updateProperties().set("history.expire.max-ref-age-ms", "999999999").commit();
      String json = aged(table, new Random(1));
      install(table, json);
      SnapshotExpiry.Result done =
          graded ? GradedExpiry.of(table).run() : SnapshotExpiry.of(table).run();

      assertThat(done.snapshots()).isEmpty();
      assertThat(done.refs()).containsExactly("old");
      assertThat(Kept.of(table).refs()).containsExactlyInAnyOrder("main", "mine");
    }
  }

  private static void grow(Table table, Random random) {
    append(table, "main", 0);
    for (int step = 1; step < STEPS; step++) {
      table.refresh();
      List<String> branches =
          table.refs().entrySet().stream()
              .filter(ref -> ref.getValue().isBranch())
              .map(Map.Entry::getKey)
              .sorted()
              .toList();
      String branch = branches.get(random.nextInt(branches.size()));
      long head = table.refs().get(branch).snapshotId();
      switch (random.nextInt(8)) {
        case 0 ->
            limits(table.manageSnapshots().createBranch("b" + step, head), "b" + step, random)
                .commit();
        case 1 -> {
          ManageSnapshots tagged = table.manageSnapshots().createTag("t" + step, head);
          (random.nextBoolean() ? tagged : tagged.setMaxRefAgeMs("t" + step, hours(random, 80)))
              .commit();
        }
        case 2 ->
            table
                .newDelete()
                .deleteFromRowFilter(
                    org.apache.iceberg.expressions.Expressions.lessThan("id", (long) step / 2))
                .toBranch(branch)
                .commit();
        default -> append(table, branch, step);
      }
    }
    Map<String, String> limits = new HashMap<>();
    if (random.nextBoolean()) {
      limits.put("history.expire.max-snapshot-age-ms", Long.toString(hours(random, 80)));
    }
    if (random.nextBoolean()) {
      limits.put("history.expire.min-snapshots-to-keep", Integer.toString(1 + random.nextInt(4)));
    }
    if (random.nextBoolean()) {
      limits.put("history.expire.max-ref-age-ms", Long.toString(hours(random, 90)));
    }
    limits.put(GradedRetention.GRADES, "all for 1h");
    limits.put(GradedRetention.MAX_COUNT, "10");
    var update = table.updateProperties();
    limits.forEach(update::set);
    update.commit();
  }

  private static ManageSnapshots limits(ManageSnapshots refs, String branch, Random random) {
    if (random.nextBoolean()) {
      refs.setMaxRefAgeMs(branch, hours(random, 80));
    }
    if (random.nextBoolean()) {
      refs.setMinSnapshotsToKeep(branch, 1 + random.nextInt(5));
    }
    if (random.nextBoolean()) {
      refs.setMaxSnapshotAgeMs(branch, hours(random, 60));
    }
    return refs;
  }

  /** Half hours, so that no clock decides. */
  private static long hours(Random random, int most) {
    return Duration.ofMinutes(30 + 60L * random.nextInt(most)).toMillis();
  }

  private static void append(Table table, String branch, long id) {
    DataFile file = write(table, FileFormat.PARQUET, List.of(row(SCHEMA, id))).get(0);
    table.newFastAppend().appendFile(file).toBranch(branch).commit();
    table.refresh();
  }

  private static Kept expire(Table table, ExpireSnapshots expiry) {
    expiry.cleanupLevel(ExpireSnapshots.CleanupLevel.NONE).commit();
    return Kept.of(table);
  }

  /** Returns the table's metadata, as if its snapshots were some hours apart from each other. */
  private static String aged(Table table, Random random) {
    String json = TableMetadataParser.toJson(operations(table).refresh());
    List<String> ids = SNAPSHOT.matcher(json).results().map(found -> found.group(2)).toList();
    Map<String, Long> times = new HashMap<>();
    long time = System.currentTimeMillis() - Duration.ofHours(4L * ids.size()).toMillis();
    for (String id : ids) {
      time += Duration.ofHours(1 + random.nextInt(3)).toMillis();
      times.put(id, time);
    }
    String older =
        SNAPSHOT.matcher(json).replaceAll(found -> found.group(1) + times.get(found.group(2)));
    return LOGGED
        .matcher(older)
        .replaceAll(
            found ->
                "{\"timestamp-ms\":%d,\"snapshot-id\":%s}"
                    .formatted(times.get(found.group(1)), found.group(1)));
  }

  private static void install(Table table, String json) {
    TableOperations operations = operations(table);
    TableMetadata now = operations.refresh();
    operations.commit(now, TableMetadataParser.fromJson(json));
    table.refresh();
  }

  private static TableOperations operations(Table table) {
    return ((HasTableOperations) table).operations();
  }
}
