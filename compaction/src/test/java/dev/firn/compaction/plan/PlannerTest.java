package dev.firn.compaction.plan;

import static dev.firn.compaction.plan.PlannedTable.SCHEMA;
import static dev.firn.compaction.plan.PlannedTable.TARGET;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.error.FirnException;
import dev.firn.testing.TableFixture;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.SortOrder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PlannerTest {
  private static final long SEED = Long.getLong("firn.groups.seed", 20_260_711L);

  private final TableFixture fixture = TableFixture.open();

  @AfterEach
  void close() {
    fixture.close();
  }

  private PlannedTable unpartitioned() {
    return new PlannedTable(fixture, PartitionSpec.unpartitioned());
  }

  private PlannedTable partitioned() {
    return new PlannedTable(fixture, PlannedTable.byPart());
  }

  private static void set(PlannedTable table, String key, String value) {
    table.table.updateProperties().set(Criteria.PREFIX + key, value).commit();
  }

  private static List<String> names(FileGroup group) {
    return group.sources().stream().map(t -> t.file().location()).sorted().toList();
  }

  @Test
  void fragmentsAreMergedAndSaySo() {
    PlannedTable table = unpartitioned();
    table.add(0, 10_000);
    table.add(0, 20_000);
    table.add(0, 74_999);
    table.add(0, 75_000);

    List<FileGroup> groups = table.plan();

    assertThat(groups).hasSize(1);
    assertThat(groups.get(0).sources()).hasSize(3);
    assertThat(groups.get(0).reason()).isEqualTo("3 files are smaller than 0.072 MiB: 3 become 1.");
    assertThat(groups.get(0).gain()).isEqualTo(new Gain(2, 0, 0, 0, 104_999, 104_999));
  }

  @Test
  void fragmentsThatWouldMakeAsManyFilesAreLeft() {
    PlannedTable table = unpartitioned();
    table.add(0, 70_000);
    table.add(0, 70_000);

    assertThat(table.plan()).isEmpty();
    table.add(0, 70_000);
    assertThat(table.plan()).hasSize(1);
  }

  @Test
  void aLargeFileIsSplit() {
    PlannedTable table = unpartitioned();
    table.add(0, 200_000);

    List<FileGroup> groups = table.plan();

    assertThat(groups.get(0).expectedFiles()).isEqualTo(2);
    assertThat(groups.get(0).reason()).isEqualTo("1 file is larger than 0.172 MiB: 1 becomes 2.");
  }

  @Test
  void deletesMakeAFileWorthRewriting() {
    PlannedTable table = unpartitioned();
    table.delete(table.add(0, 100_000), 29);
    DataFile many = table.add(0, 90_000);
    table.delete(many, 30);

    List<FileGroup> groups = table.plan();

    assertThat(groups).hasSize(1);
    assertThat(names(groups.get(0))).containsExactly(many.location());
    assertThat(groups.get(0).reason())
        .isEqualTo("1 file has 30 % or more of the rows deleted: 1 becomes 1.");
    assertThat(groups.get(0).gain().deadBytes()).isEqualTo(27_000);
    set(table, "delete-ratio", "0.31");
    assertThat(table.plan()).isEmpty();
    set(table, "delete-files", "1");
    assertThat(table.plan().get(0).reason())
        .isEqualTo("2 files have 1 or more delete files: 2 become 2.");
  }

  @Test
  void aFileWithoutLiveRowsGoesWithoutBeingReadAndFirst() {
    PlannedTable table = unpartitioned();
    DataFile dead = table.add(0, 100_000);
    table.delete(dead, 100);
    table.add(0, 10);
    table.add(0, 10);

    List<FileGroup> groups = table.plan();

    assertThat(groups).hasSize(2);
    assertThat(groups.get(0).isMetadataOnly()).isTrue();
    assertThat(names(groups.get(0))).containsExactly(dead.location());
    assertThat(groups.get(0).reason())
        .isEqualTo("All rows of 1 file are deleted: it goes without being read.");
    assertThat(groups.get(0).gain().perByte()).isInfinite();
  }

  @Test
  void groupsComeInOrderOfWhatEachByteOfWorkGains() {
    PlannedTable table = partitioned();
    for (int i = 0; i < 3; i++) {
      table.add(1, 30_000);
      table.add(2, 1_000);
    }
    table.delete(table.add(3, 100_000), 50);

    List<FileGroup> groups = table.plan();

    assertThat(groups)
        .extracting(FileGroup::partition)
        .containsExactly("part=2", "part=1", "part=3");
    assertThat(groups)
        .isSortedAccordingTo(Comparator.comparingDouble(group -> -group.gain().perByte()));
  }

  @Test
  void filesThatOverlapTooDeepInTheTablesOrderAreSortedIntoEachOther() {
    PlannedTable table = unpartitioned();
    table.table.replaceSortOrder().asc("id").commit();
    set(table, "max-depth", "3");
    for (int i = 0; i < 3; i++) {
      table.add(table.file(0, TARGET, 0, 1000));
    }
    table.add(table.file(0, TARGET, 2000, 3000));

    assertThat(table.plan()).isEmpty();
    table.add(table.file(0, TARGET, 900, 1500));

    List<FileGroup> groups = table.plan();
    assertThat(groups).hasSize(1);
    assertThat(groups.get(0).sources()).hasSize(4);
    assertThat(groups.get(0).gain().overlapBytes()).isEqualTo(4 * 75_000);
    assertThat(groups.get(0).reason())
        .isEqualTo("4 files are out of the order of the table, up to 4 deep: 4 become 4.");
    table.rewrite(groups, table.table.sortOrder());
    assertThat(table.plan()).isEmpty();
  }

  @Test
  void anOrderThatIsAskedForIsKeptWhereFilesSayThatTheyHaveItAndDoNotOverlap() {
    PlannedTable table = unpartitioned();
    table.table.replaceSortOrder().asc("id").commit();
    table.table.refresh();
    SortOrder order = table.table.sortOrder();
    table.add(table.file(0, TARGET, 0, 10, order));
    table.add(table.file(0, TARGET, 10, 20, order));
    DataFile apart = table.add(table.file(0, TARGET, 30, 40));
    Clustering asked = new Clustering.Sorted(SortOrder.builderFor(SCHEMA).asc("id").build());

    List<FileGroup> groups = table.plan(table.criteria(), asked);

    assertThat(groups).hasSize(1);
    assertThat(names(groups.get(0))).containsExactly(apart.location());
    table.rewrite(groups, order);
    // The output overlaps others, as its bounds are made up.
    assertThat(table.plan(table.criteria(), asked).get(0).sources()).hasSize(3);
  }

  @Test
  void oldSpecsAreLeftUnlessAskedFor() {
    PlannedTable table = partitioned();
    table.add(1, TARGET);
    table.table.updateSpec().removeField("part").commit();

    assertThat(table.plan()).isEmpty();
    set(table, "older-specs", "true");
    assertThat(table.plan().get(0).reason())
        .isEqualTo("1 file is of an older partition spec: 1 becomes 1.");
  }

  @Test
  void aHotPartitionOnlyMergesFilesOfItsSize() {
    PlannedTable table = unpartitioned();
    set(table, "cold-after", "1h");
    table.add(0, 60_000);
    table.delete(table.add(0, TARGET), 50);
    table.add(0, 1_000);
    assertThat(table.plan()).isEmpty();

    table.add(0, 1_000);
    table.add(0, 2_000);
    assertThat(table.plan().get(0).bytes()).isEqualTo(4_000);
    set(table, "cold-after", "0s");
    assertThat(table.plan().get(0).bytes()).isEqualTo(164_000);
    set(table, "min-age", "1h");
    assertThat(table.plan()).isEmpty();
  }

  @Test
  void aWrongPropertyIsNamed() {
    PlannedTable table = unpartitioned();
    set(table, "delete-ratio", "30");

    assertThatThrownBy(table::criteria)
        .isInstanceOf(FirnException.class)
        .hasMessage(
            "Cannot compact: the table property firn.compaction.delete-ratio is wrong, expected a"
                + " number over 0 up to 1, got '30'");
  }

  @Test
  void plansWhatAModelPlans() {
    Random random = new Random(SEED);
    for (int run = 0; run < 8; run++) {
      PlannedTable table = partitioned();
      fill(table, random, 8, 120_000);
      Map<String, Set<String>> expected = modelled(table.tasks());
      Map<String, Set<String>> planned = new HashMap<>();
      for (FileGroup group : table.plan()) {
        String key = group.isMetadataOnly() ? "dead" : group.partition();
        assertThat(planned.put(key, new HashSet<>(names(group)))).isNull();
      }
      assertThat(planned).as("seed %d, run %d", SEED, run).isEqualTo(expected);
    }
  }

  private static long dead(FileScanTask task) {
    return task.deletes().stream().mapToLong(DeleteFile::recordCount).sum();
  }

  /** What should be rewritten in each partition, none of which is large; and the dead files. */
  private static Map<String, Set<String>> modelled(List<FileScanTask> tasks) {
    Map<String, List<FileScanTask>> wanted = new HashMap<>();
    Map<String, Set<String>> expected = new HashMap<>();
    for (FileScanTask task : tasks) {
      long bytes = task.file().fileSizeInBytes();
      long dead = dead(task);
      if (dead == 100) {
        expected.computeIfAbsent("dead", k -> new HashSet<>()).add(task.file().location());
      } else if (bytes < 75_000 || bytes > 180_000 || dead >= 30) {
        wanted
            .computeIfAbsent(
                task.spec().partitionToPath(task.file().partition()), k -> new ArrayList<>())
            .add(task);
      }
    }
    wanted.forEach(
        (partition, files) -> {
          double live = 0;
          boolean urgent = false;
          Set<String> names = new TreeSet<>();
          for (FileScanTask task : files) {
            long bytes = task.file().fileSizeInBytes();
            long dead = dead(task);
            live += bytes * (100 - dead) / 100.0;
            urgent |= bytes >= 75_000 || dead >= 30;
            names.add(task.file().location());
          }
          double whole = Math.floor(live / 100_000);
          double rest = live - whole * 100_000;
          boolean oneMore = whole == 0 || rest > 75_000 || live / whole >= 110_000;
          if (urgent || files.size() > whole + (oneMore ? 1 : 0)) {
            expected.put(partition, names);
          }
        });
    return expected;
  }

  @Test
  void aSecondRunFindsNothingToDo() {
    Random random = new Random(SEED);
    for (int run = 0; run < 6; run++) {
      PlannedTable table = run % 2 == 0 ? partitioned() : unpartitioned();
      fill(table, random, 60, run % 3 == 0 ? 1_500_000 : 90_000);
      List<FileGroup> groups = table.plan();
      assertThat(groups).isNotEmpty();
      assertEachFileOnce(groups);
      table.rewrite(groups, SortOrder.unsorted());
      assertThat(table.plan()).as("seed %d, run %d", SEED, run).isEmpty();
    }
  }

  private static void assertEachFileOnce(List<FileGroup> groups) {
    List<String> all = new ArrayList<>();
    groups.forEach(group -> all.addAll(names(group)));
    assertThat(all).doesNotHaveDuplicates();
  }

  private static void fill(PlannedTable table, Random random, int files, int largest) {
    Map<DataFile, Long> deadRows = new LinkedHashMap<>();
    for (int i = 0; i < files; i++) {
      long rows = random.nextInt(4) == 0 ? 100 : random.nextInt(60);
      long dead = random.nextInt(3) == 0 ? rows : 0;
      deadRows.put(table.file(random.nextInt(3), 1_000 + random.nextInt(largest), 0, 1000), dead);
    }
    table.add(deadRows);
  }
}
