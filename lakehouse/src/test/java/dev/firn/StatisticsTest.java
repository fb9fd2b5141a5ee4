package dev.firn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.catalog.intent.SweepResult;
import dev.firn.compaction.stats.StatisticsResult;
import dev.firn.compaction.verify.Finding;
import dev.firn.compaction.verify.VerificationReport;
import dev.firn.error.FirnException;
import dev.firn.keyindex.KeyIndex;
import dev.firn.testing.Fault;
import dev.firn.testing.FaultyFileIO;
import dev.firn.testing.FileOperation;
import dev.firn.testing.TableFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.iceberg.BlobMetadata;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Statistics beside all else that looks at a table's files. */
class StatisticsTest {
  private static final Schema SCHEMA =
      new Schema(
          Types.NestedField.required(1, "id", Types.LongType.get()),
          Types.NestedField.optional(2, "part", Types.IntegerType.get()));

  record Row(long id, int part) {}

  @TempDir private Path directory;
  private FaultyFileIO store;
  private Lakehouse lake;

  @BeforeEach
  void open() {
    lake =
        Lakehouse.open(
            Settings.of(directory.resolve("lake")),
            io -> {
              store = new FaultyFileIO(io);
              return store;
            });
  }

  @AfterEach
  void close() {
    lake.close();
  }

  private LakeTable create(int version) {
    return lake.createTable(
        "a.t", SCHEMA, t -> t.formatVersion(version).key("id").partitionBy(Terms.parse("part")));
  }

  private static void append(LakeTable table, int from, int to) {
    try (TableWriter writer = table.append()) {
      for (int id = from; id < to; id++) {
        writer.write(new Row(id, id % 3));
      }
      writer.commit();
    }
  }

  private static List<Long> distinct(StatisticsResult result) {
    return result.columns().stream().map(StatisticsResult.Distinct::values).toList();
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void statisticsAndASavedKeyIndexKeepEachOther(int version) {
    LakeTable table = create(version);
    append(table, 0, 300);
    Table own = table.iceberg();
    try (BufferAllocator allocator = new RootAllocator(1 << 28)) {
      save(own, allocator);
      assertThat(distinct(table.computeStatistics().run())).containsExactly(300L, 3L);
      own.refresh();
      assertThat(types(own)).contains("firn-key-index-v1", "apache-datasketches-theta-v1");
      // Saved again, the index does not lose them.
      save(own, allocator);
      assertThat(types(own)).contains("firn-key-index-v1", "apache-datasketches-theta-v1");
      // What is saved is of use: no data file is opened.
      store.add(Fault.before(FileOperation.OPEN, 1).at(location -> location.endsWith(".parquet")));
      try (KeyIndex index = KeyIndex.open(own, allocator)) {
        index.syncTo(own.currentSnapshot());
      }
      assertThat(store.failed()).isZero();
    }
    store.reset();
    assertThat(findings(table)).isEmpty();
  }

  private static void save(Table own, BufferAllocator allocator) {
    try (KeyIndex index = KeyIndex.open(own, allocator)) {
      index.syncTo(own.currentSnapshot());
      assertThat(index.save()).isTrue();
    }
    own.refresh();
  }

  private static Set<String> types(Table table) {
    return table.statisticsFiles().stream()
        .filter(file -> file.snapshotId() == table.currentSnapshot().snapshotId())
        .flatMap(file -> file.blobMetadata().stream())
        .map(BlobMetadata::type)
        .collect(Collectors.toSet());
  }

  private static List<Finding> findings(LakeTable table) {
    VerificationReport report = table.verify().deep().run();
    return report.findings();
  }

  @Test
  void deletedRowsAreNotCountedAndNoOtherFileStays() throws Exception {
    LakeTable table = create(3);
    append(table, 0, 100);
    table.computeStatistics().run();
    table.delete(org.apache.iceberg.expressions.Expressions.lessThan("id", 40L));
    StatisticsResult result = table.computeStatistics().run();
    // The second of one snapshot takes the place of the first.
    StatisticsResult again = table.computeStatistics().run();

    assertThat(distinct(result)).containsExactly(60L, 3L);
    assertThat(distinct(again)).containsExactly(60L, 3L);
    assertThat(again.statisticsFile()).isNotEqualTo(result.statisticsFile());
    assertThat(statistics()).hasSize(4);
    assertThat(database().count("firn_intents")).isZero();
    assertThat(findings(table)).isEmpty();

    table.expireSnapshots().olderThan(java.time.Instant.now()).retainLast(1).run();
    assertThat(statistics()).hasSize(2).allMatch(TableFiles.needed(table.iceberg())::contains);
    assertThat(findings(table)).isEmpty();
  }

  @Test
  void whatAKilledRunLeftIsSweptAndNothingElse() throws Exception {
    LakeTable table = create(3);
    append(table, 0, 10);
    table.computeStatistics().run();
    append(table, 10, 20);
    List<Path> before = statistics();
    assertThat(before).hasSize(2);
    // It ends with its file written and not committed, and it is not told that nothing came of it.
    store.add(
        Fault.before(FileOperation.CREATE, 1).at(location -> location.endsWith(".metadata.json")));
    assertThatThrownBy(() -> table.computeStatistics().run()).isInstanceOf(FirnException.class);
    assertThat(statistics()).hasSize(3);
    assertThat(database().count("firn_intents")).isEqualTo(1);
    database().kill();

    try (Lakehouse sweeper = Lakehouse.open(directory.resolve("lake"))) {
      assertThat(sweep(sweeper).quarantined()).hasSize(1);
      assertThat(sweep(sweeper).deleted()).hasSize(1);
    }

    assertThat(statistics()).isEqualTo(before);
    assertThat(findings(table)).isEmpty();
    assertThat(distinct(table.computeStatistics().run())).containsExactly(20L, 3L);
  }

  @Test
  void searchOfOrphansLeavesThem() throws Exception {
    LakeTable table = create(3);
    append(table, 0, 10);
    table.computeStatistics().run();
    for (Path file : TableFiles.present(TableFiles.directory(table.iceberg()))) {
      assertThat(file.toFile().setLastModified(1_000)).isTrue();
    }

    assertThat(table.orphans().plan()).isEmpty();
  }

  /** They are of what was read, and planners look for those of the snapshot that they plan. */
  @Test
  void compactionMakesASnapshotWithoutStatistics() {
    LakeTable table = create(3);
    append(table, 0, 10);
    append(table, 10, 20);
    table.computeStatistics().run();
    assertThat(types(table.iceberg())).isNotEmpty();

    assertThat(table.compact().run().snapshotId()).isPresent();

    assertThat(types(table.iceberg())).isEmpty();
    assertThat(distinct(table.computeStatistics().run())).containsExactly(20L, 3L);
  }

  private SweepResult sweep(Lakehouse by) {
    return by.sweep().grace(Duration.ZERO).deleteAfter(Duration.ZERO).run();
  }

  private List<Path> statistics() throws IOException {
    try (Stream<Path> files = Files.walk(directory.resolve("lake"))) {
      return files
          .filter(
              file ->
                  file.toString().endsWith(".stats")
                      || file.getFileName().toString().startsWith("partition-stats"))
          .sorted()
          .toList();
    }
  }

  private LakeDatabase database() {
    return new LakeDatabase(directory.resolve("lake"));
  }
}
