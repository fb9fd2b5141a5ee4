package dev.firn.compaction.erase;

import static org.apache.iceberg.expressions.Expressions.equal;
import static org.apache.iceberg.expressions.Expressions.ref;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.AppendOptions;
import dev.firn.LakeTable;
import dev.firn.Lakehouse;
import dev.firn.TableWriter;
import dev.firn.Terms;
import dev.firn.error.FirnException;
import dev.firn.storage.Locations;
import dev.firn.testing.TableFixture;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.MetadataColumns;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.IcebergGenerics;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Nothing of an erased row is in any file of the table's directory, and every other row is. */
class EraseTest {
  /** Short enough that bounds hold it whole. */
  private static final String MARK = "zq9-erase-me";

  private static final int ENOUGH_TO_BEGIN_A_FILE = 10_000;

  private static final Schema SCHEMA =
      new Schema(
          Types.NestedField.required(1, "id", Types.LongType.get()),
          Types.NestedField.optional(2, "who", Types.StringType.get()));

  private static final Expression WHERE = equal("who", MARK);

  /** Files whose bytes are what they hold. */
  private static final Map<String, String> PLAIN =
      Map.of(
          "write.parquet.compression-codec", "uncompressed",
          "write.delete.parquet.compression-codec", "uncompressed",
          "write.avro.compression-codec", "uncompressed",
          "write.manifest.compression-codec", "uncompressed",
          "write.metadata.compression-codec", "none");

  record Row(long id, @Nullable String who) {}

  @TempDir private Path directory;
  private Lakehouse lake;

  @BeforeEach
  void open() {
    lake = Lakehouse.open(directory.resolve("lake"));
  }

  @AfterEach
  void close() {
    lake.close();
  }

  private LakeTable table(int version) {
    return lake.createTable(
        "a.t",
        SCHEMA,
        t -> {
          t.formatVersion(version).key("id");
          PLAIN.forEach(t::property);
        });
  }

  private static void append(LakeTable table, Row... rows) {
    try (TableWriter writer = table.append()) {
      writer.writeAll(List.of(rows));
      writer.commit();
    }
  }

  private static void append(LakeTable table, String branch, Row... rows) {
    try (TableWriter writer = table.append(AppendOptions.DEFAULT.branch(branch))) {
      writer.writeAll(List.of(rows));
      writer.commit();
    }
  }

  /** Rows by id, with their row ids where the table has them. */
  private static Map<Long, String> rows(LakeTable table, String ref) {
    Table at = table.iceberg();
    boolean lineage = TableFixture.formatVersion(at) >= 3;
    Schema columns =
        lineage
            ? new Schema(SCHEMA.columns().get(0), SCHEMA.columns().get(1), MetadataColumns.ROW_ID)
            : SCHEMA;
    Map<Long, String> rows = new TreeMap<>();
    try (CloseableIterable<Record> all =
        IcebergGenerics.read(at)
            .useSnapshot(at.refs().get(ref).snapshotId())
            .project(columns)
            .build()) {
      for (Record row : all) {
        String before = rows.put((Long) row.get(0), row.get(1) + (lineage ? "#" + row.get(2) : ""));
        assertThat(before).as("row %s twice", row.get(0)).isNull();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return rows;
  }

  private static Map<Long, String> without(Map<Long, String> rows) {
    Map<Long, String> rest = new TreeMap<>(rows);
    rest.values().removeIf(row -> row.startsWith(MARK));
    return rest;
  }

  /** Returns the files below the table's directory that have the mark in them. */
  private List<Path> marked() throws IOException {
    try (Stream<Path> files = Files.walk(directory.resolve("lake/a"))) {
      List<Path> found = new ArrayList<>();
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        String bytes = Files.readString(file, StandardCharsets.ISO_8859_1);
        if (bytes.contains(MARK)) {
          found.add(file);
        }
      }
      return found;
    }
  }

  private void assertErased(ErasureReport report) throws IOException {
    assertThat(report.remaining()).isEmpty();
    assertThat(report.isProven()).isTrue();
    assertThat(marked()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void nothingIsLeftInAnyFile(int version) throws IOException {
    LakeTable table = table(version);
    append(table, new Row(1, "ann"), new Row(2, MARK), new Row(3, "bob"));
    append(table, new Row(4, MARK));
    append(table, new Row(5, "eve"), new Row(6, null));
    table.branch("side");
    append(table, "side", new Row(7, MARK), new Row(8, "sue"));
    table.update(equal("id", 4L)).set("who", "changed").run();
    table.delete(equal("id", 5L));
    Map<Long, String> main = rows(table, "main");
    Map<Long, String> side = rows(table, "side");
    assertThat(marked()).isNotEmpty();

    ErasurePlan plan = table.erase(WHERE).plan();
    ErasureReport report = table.erase(WHERE).run();

    assertErased(report);
    assertThat(plan.liveRows()).isEqualTo(Map.of("main", 1L, "side", 3L));
    assertThat(report.rowsDeleted()).isEqualTo(4);
    assertThat(rows(table, "main")).isEqualTo(without(main));
    assertThat(rows(table, "side")).isEqualTo(without(side));
    assertThat(table.erase(WHERE).plan().isEmpty()).isTrue();
    long head = table.iceberg().currentSnapshot().snapshotId();
    assertErased(table.erase(WHERE).run());
    assertThat(table.iceberg().currentSnapshot().snapshotId()).isEqualTo(head);
  }

  @Test
  void tagsAreNamedAndGoOnlyIfAllowed() throws IOException {
    LakeTable table = table(2);
    append(table, new Row(1, "ann"), new Row(2, MARK));
    table.tag("march");
    append(table, new Row(3, "bob"));
    long head = table.iceberg().currentSnapshot().snapshotId();

    assertThatThrownBy(() -> table.erase(WHERE).run())
        .isInstanceOf(FirnException.class)
        .hasMessageContaining("march")
        .hasMessageContaining("drop");
    assertThat(table.iceberg().currentSnapshot().snapshotId()).isEqualTo(head);
    assertThat(table.erase(WHERE).plan().tags()).containsExactly("march");

    ErasureReport report = table.erase(WHERE).dropTags().run();

    assertErased(report);
    assertThat(report.tagsDropped()).containsExactly("march");
    assertThat(rows(table, "main").keySet()).containsExactly(1L, 3L);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void equalityDeletesThatNameTheRowGoAndDeletedRowsStayDeleted(int version) throws IOException {
    LakeTable table = table(version);
    append(table, new Row(1, "ann"), new Row(2, MARK), new Row(3, "bob"));
    append(table, new Row(4, "eve"), new Row(5, "bob"));
    Schema who = SCHEMA.select("who");
    TableFixture.deleteEqual(
        table.iceberg(), who, null, TableFixture.row(who, MARK), TableFixture.row(who, "bob"));
    append(table, new Row(6, "bob"));
    table.branch("side");
    Map<Long, String> before = rows(table, "main");
    assertThat(before.keySet()).containsExactly(1L, 4L, 6L);

    ErasureReport report = table.erase(WHERE).run();

    assertErased(report);
    assertThat(report.rowsDeleted()).isZero();
    assertThat(rows(table, "main")).isEqualTo(before);
    assertThat(rows(table, "side")).isEqualTo(before);
  }

  @Test
  void partitionsAndColumnsMayHaveChanged() throws IOException {
    LakeTable table =
        lake.createTable(
            "a.t",
            SCHEMA,
            t -> {
              t.formatVersion(2).partitionBy("who");
              PLAIN.forEach(t::property);
            });
    append(table, new Row(1, "ann"), new Row(2, MARK), new Row(3, MARK));
    table.evolve().renameColumn("who", "person").commit();
    table.evolve().dropPartition(ref("person")).addPartition(Terms.parse("bucket(4, id)")).commit();
    try (TableWriter writer = table.append()) {
      writer.write(TableFixture.row(writer.schema(), 4L, MARK));
      writer.write(TableFixture.row(writer.schema(), 5L, "eve"));
      writer.commit();
    }
    table.delete(equal("id", 3L));

    ErasureReport report = table.erase(equal("person", MARK)).run();

    assertErased(report);
    assertThat(rows(table, "main").keySet()).containsExactly(1L, 5L);
  }

  @Test
  void columnsMayHaveBeenWidened() {
    Schema narrow =
        new Schema(
            Types.NestedField.required(1, "id", Types.IntegerType.get()),
            Types.NestedField.optional(2, "who", Types.StringType.get()));
    LakeTable table = lake.createTable("a.t", narrow, t -> t.formatVersion(2));
    try (TableWriter writer = table.append()) {
      writer.write(TableFixture.row(narrow, 77, "ann"));
      writer.write(TableFixture.row(narrow, 78, "bob"));
      writer.commit();
    }
    table.evolve().widenColumn("id", Types.LongType.get()).commit();
    table.delete(equal("id", 77L));

    ErasureReport report = table.erase(equal("id", 77L)).run();

    assertThat(report.isProven()).isTrue();
    assertThat(report.filesRewritten()).isEqualTo(1);
    assertThat(table.scan().count()).isEqualTo(1);
    assertThat(table.snapshots()).hasSize(1);
  }

  private Path dataFile(LakeTable table, String name, Row... rows) throws IOException {
    List<Record> records = new ArrayList<>();
    for (Row row : rows) {
      records.add(TableFixture.row(SCHEMA, row.id(), row.who()));
    }
    DataFile file = TableFixture.write(table.iceberg(), FileFormat.PARQUET, records).get(0);
    Path path = Path.of(URI.create(file.location()));
    return Files.move(path, path.resolveSibling(name));
  }

  private static void age(Path file, Duration age) throws IOException {
    Files.setLastModifiedTime(file, FileTime.from(Instant.now().minus(age)));
  }

  @Test
  void leftoverFilesGoWhereNobodyCanNeedThemAndAreNamedElse() throws IOException {
    LakeTable table = table(2);
    append(table, new Row(1, "ann"));
    Path old = dataFile(table, "old.parquet", new Row(7, MARK));
    Path young = dataFile(table, "young.parquet", new Row(8, MARK));
    Path harmless = dataFile(table, "harmless.parquet", new Row(9, "bob"));
    Path foreign = Files.writeString(young.resolveSibling("notes.txt"), "?");
    age(old, Duration.ofDays(9));
    age(harmless, Duration.ofDays(9));

    ErasureReport report = table.erase(WHERE).run();

    assertThat(report.isProven()).isFalse();
    assertThat(report.remaining())
        .extracting(file -> Path.of(file.location()).getFileName().toString())
        .containsExactlyInAnyOrder("young.parquet", "notes.txt");
    assertThat(report.remaining()).allMatch(file -> !file.remedy().isEmpty());
    assertThat(old).doesNotExist();
    assertThat(harmless).exists();
    assertThat(report.files())
        .filteredOn(file -> file.location().endsWith("harmless.parquet"))
        .containsExactly(
            CheckedFile.clean(report(report, "harmless.parquet").location(), "data", false, 1));

    age(young, Duration.ofDays(9));
    Files.delete(foreign);
    assertErased(table.erase(WHERE).run());
  }

  private static CheckedFile report(ErasureReport report, String name) {
    return report.files().stream()
        .filter(file -> file.location().endsWith(name))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void whatIsInQuarantineGoesAtOnce() throws IOException {
    LakeTable table = table(2);
    append(table, new Row(1, "ann"));
    Path file = dataFile(table, "quarantined.parquet", new Row(7, MARK));
    age(file, Duration.ofDays(9));
    assertThat(table.orphans().run().files()).hasSize(1);
    age(file, Duration.ZERO);

    assertErased(table.erase(WHERE).run());
    assertThat(file).doesNotExist();
  }

  @Test
  void filesOfAWriterAtWorkAreNamedAndLeftAlone() throws IOException {
    LakeTable table = table(2);
    append(table, new Row(1, "ann"));
    try (TableWriter writer = table.append()) {
      for (long id = 0; id < ENOUGH_TO_BEGIN_A_FILE; id++) {
        writer.write(new Row(100 + id, MARK));
      }

      assertThat(table.erase(WHERE).run().remaining()).hasSize(1);
      writer.commit();
    }
    assertThat(table.scan().where(WHERE).count()).isEqualTo(ENOUGH_TO_BEGIN_A_FILE);
    assertErased(table.erase(WHERE).run());
  }

  @Test
  void othersMayWriteMeanwhile() throws IOException {
    LakeTable table = table(3);
    append(table, new Row(1, "ann"), new Row(2, MARK), new Row(3, "bob"));
    append(table, new Row(4, "eve"), new Row(5, MARK));
    Map<Long, String> before = rows(table, "main");
    LakeTable other = lake.table("a.t");
    int[] calls = new int[1];

    ErasureReport report =
        table
            .erase(WHERE)
            .before(
                () -> {
                  if (calls[0]++ == 0) {
                    other.delete(equal("id", 3L));
                    append(other, new Row(6, MARK), new Row(7, "new"));
                  }
                },
                () -> {})
            .run();

    assertErased(report);
    assertThat(calls[0]).isGreaterThan(1);
    Map<Long, String> after = rows(table, "main");
    assertThat(after.keySet()).containsExactly(1L, 4L, 7L);
    assertThat(after.get(1L)).isEqualTo(before.get(1L));
    assertThat(after.get(4L)).isEqualTo(before.get(4L));
  }

  @Test
  void interruptedErasureIsGoneOnWith() throws IOException {
    LakeTable table = table(3);
    append(table, new Row(1, "ann"), new Row(2, MARK));
    append(table, new Row(3, MARK), new Row(4, "bob"));
    table.delete(equal("id", 3L));
    Map<Long, String> before = rows(table, "main");
    Runnable dies =
        () -> {
          throw new IllegalStateException("killed");
        };

    assertThatThrownBy(() -> table.erase(WHERE).before(dies, () -> {}).run())
        .hasMessageContaining("killed");
    assertThatThrownBy(() -> table.erase(WHERE).before(() -> {}, dies).run())
        .hasMessageContaining("killed");
    assertThat(rows(table, "main")).isEqualTo(without(before));
    assertThat(marked()).isNotEmpty();
    Map<Path, byte[]> files = new HashMap<>();
    for (Path file : marked()) {
      files.put(file, Files.readAllBytes(file));
    }
    assertErased(table.erase(WHERE).run());

    // As if it had been killed after the commit, before it removed the files.
    for (Map.Entry<Path, byte[]> file : files.entrySet()) {
      Files.write(file.getKey(), file.getValue());
    }
    List<String> names = files.keySet().stream().map(Locations::of).toList();
    Journal journal = Journal.create(table.iceberg(), names);
    assertThat(marked()).isNotEmpty();
    assertErased(table.erase(WHERE).run());
    assertThat(table.iceberg().io().newInputFile(journal.location()).exists()).isFalse();
    assertThat(rows(table, "main")).isEqualTo(without(before));
  }

  @Test
  void boundsOfFilesThatWentLongAgoAreFound() throws IOException {
    LakeTable table = table(2);
    append(table, new Row(1, MARK));
    append(table, new Row(2, "ann"));
    table.rewriteManifests().all().run();
    table.delete(equal("id", 1L));
    table.expireSnapshots().olderThan(Instant.now().plusSeconds(60)).retainLast(1).run();
    // The manifest still says what the removed file's bounds were.
    assertThat(marked()).isNotEmpty();

    ErasureReport report = table.erase(WHERE).run();

    assertErased(report);
    assertThat(rows(table, "main").keySet()).containsExactly(2L);
  }

  @Test
  void refusesWhereFilesMayBeShared() {
    LakeTable table = table(2);
    append(table, new Row(1, MARK));
    assertThatThrownBy(() -> table.erase(equal("whom", MARK)).run())
        .isInstanceOf(FirnException.class)
        .hasMessageContaining("whom");
    table.setProperties(Map.of("gc.enabled", "false"));

    assertThatThrownBy(() -> table.erase(WHERE).run())
        .isInstanceOf(FirnException.class)
        .hasMessageContaining("gc.enabled");
    assertThat(table.scan().count()).isEqualTo(1);
  }
}
