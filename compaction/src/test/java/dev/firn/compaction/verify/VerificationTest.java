package dev.firn.compaction.verify;

import static dev.firn.testing.TableFixture.append;
import static dev.firn.testing.TableFixture.deleteEqual;
import static dev.firn.testing.TableFixture.deleteRows;
import static dev.firn.testing.TableFixture.row;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.firn.compaction.verify.Finding.Kind;
import dev.firn.testing.TableFixture;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.UnaryOperator;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileContent;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.FileMetadata;
import org.apache.iceberg.GenericBlobMetadata;
import org.apache.iceberg.GenericStatisticsFile;
import org.apache.iceberg.HasTableOperations;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.Metrics;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableMetadataParser;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.inmemory.InMemoryFileIO;
import org.apache.iceberg.io.SeekableInputStream;
import org.apache.iceberg.puffin.Blob;
import org.apache.iceberg.puffin.Puffin;
import org.apache.iceberg.puffin.PuffinWriter;
import org.apache.iceberg.types.Conversions;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VerificationTest {
  private static final Schema SCHEMA =
      new Schema(
          Types.NestedField.required(1, "id", Types.LongType.get()),
          Types.NestedField.optional(2, "name", Types.StringType.get()),
          Types.NestedField.optional(3, "part", Types.IntegerType.get()));

  private final TableFixture fixture = TableFixture.open();
  private final BufferAllocator allocator = new RootAllocator(1 << 28);

  @AfterEach
  void close() {
    fixture.close();
    assertThat(allocator.getAllocatedMemory()).isZero();
    allocator.close();
  }

  private static Record rec(long id) {
    return row(SCHEMA, id, id % 5 == 0 ? null : "n" + id, (int) (id % 3));
  }

  private static Record[] recs(int count) {
    Record[] rows = new Record[count];
    Arrays.setAll(rows, VerificationTest::rec);
    return rows;
  }

  private VerificationReport verify(Table table) {
    ExecutorService executor = Executors.newFixedThreadPool(2);
    try {
      return Verification.of(table, allocator, executor, 3, e -> e).deep().allSnapshots().run();
    } finally {
      executor.shutdown();
    }
  }

  private List<Kind> kinds(Table table) {
    return verify(table).findings().stream().map(Finding::kind).distinct().toList();
  }

  private static InMemoryFileIO files(Table table) {
    return (InMemoryFileIO) table.io();
  }

  private static byte[] bytes(Table table, String file) {
    try (SeekableInputStream in = table.io().newInputFile(file).newStream()) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void replace(Table table, String file, byte[] bytes) {
    files(table).deleteFile(file);
    files(table).addFile(file, bytes);
  }

  private static void appendAs(Table table, UnaryOperator<DataFiles.Builder> lie, Record... rows) {
    DataFile file = TableFixture.write(table, FileFormat.PARQUET, List.of(rows)).get(0);
    table
        .newAppend()
        .appendFile(lie.apply(DataFiles.builder(table.spec()).copy(file)).build())
        .commit();
  }

  private static void rewriteMetadata(Table table, UnaryOperator<String> change) {
    table.refresh();
    TableOperations ops = ((HasTableOperations) table).operations();
    TableMetadata base = ops.refresh();
    String text = TableMetadataParser.toJson(base);
    String changed = change.apply(text);
    assertThat(changed).isNotEqualTo(text);
    ops.commit(base, TableMetadataParser.fromJson(changed));
    table.refresh();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void aSoundTableGivesNoFinding(int version) {
    PartitionSpec spec =
        PartitionSpec.builderFor(SCHEMA)
            .identity("part")
            .bucket("id", 4)
            .truncate("name", 2)
            .build();
    Table table = fixture.create(SCHEMA, spec, version);
    append(table, recs(50));
    List<DataFile> files = append(table, recs(20));
    append(table, FileFormat.AVRO, recs(7));
    append(table, FileFormat.ORC, recs(7));
    if (version > 1) {
      deleteRows(table, files.get(0), 0);
      DataFile like = files.get(1);
      Schema keys = SCHEMA.select("id");
      deleteEqual(table, keys, like, row(keys, 1L), row(keys, 2L));
    }
    table
        .updateSchema()
        .addColumn("more", Types.StringType.get())
        .renameColumn("name", "label")
        .commit();
    table.updateProperties().set("a", "b").commit();

    VerificationReport report = verify(table);

    assertThat(report.findings()).isEmpty();
    assertThat(report.damaged()).isFalse();
    assertThat(report.snapshots()).isEqualTo(version > 1 ? 6 : 4);
    assertThat(report.filesRead()).isEqualTo(report.dataFiles() + report.deleteFiles());
    assertThat(report.deleteFiles()).isEqualTo(version > 1 ? 2 : 0);
    assertThat(report.rowsRead()).isEqualTo(84);
  }

  @Test
  void everyTypeOfASoundTableGivesNoFinding() {
    Types.StructType nested =
        Types.StructType.of(
            Types.NestedField.optional(21, "x", Types.DoubleType.get()),
            Types.NestedField.optional(22, "y", Types.DecimalType.of(30, 3)));
    Schema schema =
        new Schema(
            Types.NestedField.optional(1, "flag", Types.BooleanType.get()),
            Types.NestedField.optional(2, "f", Types.FloatType.get()),
            Types.NestedField.optional(3, "d", Types.DecimalType.of(9, 2)),
            Types.NestedField.optional(4, "day", Types.DateType.get()),
            Types.NestedField.optional(5, "at", Types.TimestampType.withoutZone()),
            Types.NestedField.optional(6, "bytes", Types.BinaryType.get()),
            Types.NestedField.optional(7, "fixed", Types.FixedType.ofLength(3)),
            Types.NestedField.optional(8, "uuid", Types.UUIDType.get()),
            Types.NestedField.optional(9, "text", Types.StringType.get()),
            Types.NestedField.optional(
                10, "list", Types.ListType.ofOptional(23, Types.LongType.get())),
            Types.NestedField.optional(11, "nested", nested));
    Table table = fixture.create(schema, PartitionSpec.builderFor(schema).month("day").build(), 2);
    List<Record> rows = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      Record inner = GenericRecord.create(nested);
      inner.set(0, i % 4 == 0 ? null : i == 5 ? Double.NaN : -0.5 * i);
      inner.set(1, new BigDecimal(i % 2 == 0 ? "123456789012345678901234567.001" : "-7.000"));
      rows.add(
          row(
              schema,
              i % 3 == 0 ? null : i % 2 == 0,
              i == 7 ? Float.NaN : i == 8 ? -0.0f : i / 3f,
              new BigDecimal("-1.25").multiply(BigDecimal.valueOf(i)).setScale(2),
              LocalDate.of(1969, 12, 1).plusDays(i % 31),
              LocalDateTime.of(1969, 1, 1, 1, 1).plusHours(i * 1000L),
              ByteBuffer.wrap(new byte[] {(byte) (i * 9), (byte) 255}),
              new byte[] {(byte) -i, 1, 2},
              new UUID(i * 0x9e3779b97f4a7c15L, -i),
              "a long text that is cut in bounds, 𝄞 and all " + (char) (0xfff0 + i % 4) + i,
              Arrays.asList((long) i, null),
              i % 6 == 0 ? null : inner));
    }
    append(table, rows.toArray(new Record[0]));
    assertThat(verify(table).findings()).isEmpty();
  }

  @Test
  void tellsMissingFiles() {
    Table table = fixture.create(SCHEMA, 2);
    DataFile data = append(table, recs(3)).get(0);
    DeleteFile delete = deleteRows(table, data, 1).get(0);
    append(table, recs(2));
    ManifestFile manifest = table.currentSnapshot().allManifests(table.io()).get(0);

    for (String file : List.of(data.location(), delete.location(), manifest.path())) {
      byte[] content = bytes(table, file);
      files(table).deleteFile(file);
      VerificationReport report = verify(table);
      assertThat(report.findings())
          .singleElement()
          .satisfies(
              each -> {
                assertThat(each.kind()).isEqualTo(Kind.MISSING_FILE);
                assertThat(each.file()).isEqualTo(file);
                assertThat(each.got()).isEqualTo("none");
              });
      assertThat(report.damaged()).isTrue();
      files(table).addFile(file, content);
    }
    assertThat(verify(table).findings()).isEmpty();
  }

  @Test
  void tellsMissingManifestListsAndMetadata() {
    Table table = fixture.create(SCHEMA, 2);
    append(table, recs(3));
    String first = ((HasTableOperations) table).operations().current().metadataFileLocation();
    append(table, recs(3));
    files(table).deleteFile(table.currentSnapshot().manifestListLocation());
    // The handle that committed still remembers the list.
    assertThat(kinds(fixture.reload(table))).containsExactly(Kind.MISSING_FILE);
    files(table).deleteFile(first);
    VerificationReport report = verify(fixture.reload(table));
    assertThat(report.findings())
        .extracting(Finding::kind)
        .containsExactly(Kind.MISSING_FILE, Kind.EARLIER_METADATA);
  }

  @Test
  void tellsOtherSizesAndFilesThatDoNotRead() {
    Table table = fixture.create(SCHEMA, 2);
    DataFile data = append(table, recs(30)).get(0);
    byte[] content = bytes(table, data.location());
    replace(table, data.location(), Arrays.copyOf(content, content.length - 10));
    assertThat(kinds(table)).containsExactly(Kind.FILE_SIZE, Kind.UNREADABLE);
    byte[] garbage = content.clone();
    Arrays.fill(garbage, 4, garbage.length - 8, (byte) 0x55);
    replace(table, data.location(), garbage);
    assertThat(kinds(table)).containsExactly(Kind.UNREADABLE);
    VerificationReport unread =
        Verification.of(table, allocator, Runnable::run, 1, e -> e).sample(0).run();
    assertThat(unread.findings()).isEmpty();
    assertThat(unread.filesRead()).isZero();
    replace(table, data.location(), content);
    ManifestFile manifest = table.currentSnapshot().allManifests(table.io()).get(0);
    replace(table, manifest.path(), new byte[(int) manifest.length()]);
    assertThat(kinds(table)).containsExactly(Kind.UNREADABLE);
  }

  @Test
  void tellsManifestsThatHoldOtherEntries() {
    Table table = fixture.create(SCHEMA, 2);
    table.updateProperties().set("commit.manifest-merge.enabled", "false").commit();
    append(table, recs(3));
    ManifestFile one = table.currentSnapshot().allManifests(table.io()).get(0);
    append(table, recs(4));
    ManifestFile other = table.currentSnapshot().allManifests(table.io()).get(0);
    replace(table, one.path(), bytes(table, other.path()));
    assertThat(kinds(table)).contains(Kind.MANIFEST_COUNTS);
  }

  @Test
  void tellsTotalsThatDisagree() {
    Table table = fixture.create(SCHEMA, 2);
    append(table, recs(3));
    rewriteMetadata(
        table,
        text -> text.replaceAll("\"total-records\"\\s*:\\s*\"3\"", "\"total-records\":\"4\""));
    assertThat(verify(table).findings())
        .singleElement()
        .satisfies(
            each -> {
              assertThat(each.kind()).isEqualTo(Kind.SUMMARY_TOTAL);
              assertThat(each.expected()).isEqualTo("4");
              assertThat(each.got()).isEqualTo("3");
            });
  }

  @Test
  void tellsFilesThatAreThereTwice() {
    Table table = fixture.create(SCHEMA, 2);
    DataFile file = append(table, recs(3)).get(0);
    table.newAppend().appendFile(file).commit();
    assertThat(kinds(table)).containsExactly(Kind.DUPLICATE_ENTRY);
  }

  @Test
  void tellsCountsThatDisagree() {
    Table table = fixture.create(SCHEMA, 2);
    appendAs(table, file -> file.withRecordCount(4), recs(3));
    assertThat(kinds(table)).containsExactly(Kind.ROW_COUNT);
  }

  private static Metrics metrics(
      DataFile file, Map<Integer, Long> nulls, Map<Integer, ByteBuffer> upper) {
    return new Metrics(
        file.recordCount(),
        file.columnSizes(),
        file.valueCounts(),
        nulls,
        file.nanValueCounts(),
        file.lowerBounds(),
        upper);
  }

  @Test
  void tellsNullsAndBoundsThatDisagree() {
    Table table = fixture.create(SCHEMA, 2);
    DataFile file = TableFixture.write(table, FileFormat.PARQUET, List.of(recs(9))).get(0);
    Map<Integer, Long> nulls = new HashMap<>(file.nullValueCounts());
    nulls.put(2, 0L);
    table
        .newAppend()
        .appendFile(
            DataFiles.builder(table.spec())
                .copy(file)
                .withMetrics(metrics(file, nulls, file.upperBounds()))
                .build())
        .commit();
    assertThat(verify(table).findings())
        .singleElement()
        .satisfies(
            each -> {
              assertThat(each.kind()).isEqualTo(Kind.NULL_COUNT);
              assertThat(each.detail()).isEqualTo("nulls of column name");
              assertThat(each.got()).isEqualTo("2");
            });
    Table other = fixture.create(SCHEMA, 2);
    DataFile bounded = TableFixture.write(other, FileFormat.PARQUET, List.of(recs(9))).get(0);
    Map<Integer, ByteBuffer> upper = new HashMap<>(bounded.upperBounds());
    upper.put(1, Conversions.toByteBuffer(Types.LongType.get(), 7L));
    other
        .newAppend()
        .appendFile(
            DataFiles.builder(other.spec())
                .copy(bounded)
                .withMetrics(metrics(bounded, bounded.nullValueCounts(), upper))
                .build())
        .commit();
    assertThat(verify(other).findings())
        .singleElement()
        .satisfies(
            each -> {
              assertThat(each.kind()).isEqualTo(Kind.BOUNDS);
              assertThat(each.expected()).isEqualTo("7");
              assertThat(each.got()).isEqualTo("8");
            });
  }

  @Test
  void tellsSplitOffsetsAtWhichNoRowGroupBegins() {
    Table table = fixture.create(SCHEMA, 2);
    appendAs(table, file -> file.withSplitOffsets(List.of(5L)), recs(3));
    assertThat(kinds(table)).containsExactly(Kind.SPLIT_OFFSETS);
  }

  @Test
  void tellsRowsOfOtherPartitions() {
    for (String path : List.of("part=7", "part=__HIVE_DEFAULT_PARTITION__")) {
      Table table =
          fixture.create(SCHEMA, PartitionSpec.builderFor(SCHEMA).identity("part").build(), 2);
      appendAs(table, file -> file.withPartitionPath(path), rec(1), rec(4));
      assertThat(kinds(table)).as(path).containsExactly(Kind.PARTITION);
    }
    Table table =
        fixture.create(SCHEMA, PartitionSpec.builderFor(SCHEMA).bucket("id", 1000).build(), 2);
    appendAs(table, file -> file.withPartitionPath("id_bucket=1"), rec(1));
    assertThat(kinds(table)).containsExactly(Kind.PARTITION);
  }

  @Test
  void tellsRowsThatAreNotInTheOrderThatTheirFileClaims() {
    Table table = fixture.create(SCHEMA, 2);
    table.replaceSortOrder().asc("name").desc("id").commit();
    appendAs(table, file -> file.withSortOrder(table.sortOrder()), rec(5), rec(1), rec(2));
    assertThat(verify(table).findings()).isEmpty();
    appendAs(table, file -> file.withSortOrder(table.sortOrder()), rec(5), rec(2), rec(1));
    VerificationReport report = verify(table);
    assertThat(report.findings()).extracting(Finding::kind).containsExactly(Kind.SORT_ORDER);
    assertThat(report.damaged()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void tellsDeletesOfRowsThatAreNotThere(int version) {
    Table table = fixture.create(SCHEMA, version);
    DataFile file = append(table, recs(3)).get(0);
    deleteRows(table, file, 0, 3);
    assertThat(kinds(table)).containsExactly(Kind.DELETE_POSITION);
  }

  @Test
  void tellsDeleteFilesWithOtherCounts() {
    Table table = fixture.create(SCHEMA, 2);
    DataFile file = append(table, recs(3)).get(0);
    DeleteFile delete = TableFixture.positionDeletes(table, FileFormat.PARQUET, file, 0, 1);
    table
        .newRowDelta()
        .addDeletes(
            FileMetadata.deleteFileBuilder(table.spec()).copy(delete).withRecordCount(3).build())
        .commit();
    assertThat(kinds(table)).containsExactly(Kind.DELETE_COUNT);
  }

  @Test
  void tellsVectorsThatDoNotRead() {
    Table table = fixture.create(SCHEMA, 3);
    DataFile file = append(table, recs(3)).get(0);
    DeleteFile vector = deleteRows(table, file, 1).get(0);
    byte[] content = bytes(table, vector.location());
    content[(int) (vector.contentOffset() + vector.contentSizeInBytes() - 6)] ^= 1;
    replace(table, vector.location(), content);
    assertThat(kinds(table)).containsExactly(Kind.UNREADABLE);
  }

  @Test
  void tellsDanglingDeletes() {
    Table table = fixture.create(SCHEMA, 2);
    DataFile file = append(table, recs(3)).get(0);
    append(table, recs(1));
    deleteRows(table, file, 1);
    table.newDelete().deleteFile(file).commit();
    VerificationReport report = verify(table);
    assertThat(report.findings()).extracting(Finding::kind).containsExactly(Kind.DANGLING_DELETE);
    assertThat(report.damaged()).isFalse();
  }

  @Test
  void tellsTwoVectorsOfOneFileAndRowIdsThatOverlap() {
    Table table = fixture.create(SCHEMA, 3);
    append(table, recs(3));
    Findings findings = new Findings(e -> e);
    SnapshotCheck check = new SnapshotCheck(table.currentSnapshot(), findings);
    check.add(new Entry(FileContent.DATA, "a", "a", 3, 10, 0L, null));
    check.add(new Entry(FileContent.DATA, "b", "b", 3, 10, 2L, null));
    check.add(new Entry(FileContent.POSITION_DELETES, "v", "v#4", 1, 10, null, "a"));
    check.add(new Entry(FileContent.POSITION_DELETES, "w", "w#4", 1, 10, null, "a"));
    check.end(4);
    assertThat(findings.sorted().stream().map(Finding::kind))
        .contains(Kind.DUPLICATE_VECTOR, Kind.ROW_ID_RANGE);
    assertThat(findings.sorted().stream().filter(e -> e.kind() == Kind.ROW_ID_RANGE))
        .extracting(Finding::file, Finding::expected, Finding::got)
        .containsExactlyInAnyOrder(
            tuple("b", "a first row id from 3", "2"),
            tuple("b", "row ids below the table's next, 4", "4"));
  }

  @Test
  void tellsRowsThatAreNotThoseOfTheRewrite() {
    Table table = fixture.create(SCHEMA, 2);
    DataFile file = append(table, recs(3)).get(0);
    DataFile same = TableFixture.write(table, FileFormat.PARQUET, List.of(recs(3))).get(0);
    table
        .newRewrite()
        .deleteFile(file)
        .addFile(same)
        .set("firn.rewrite.content-hash", "3:00000000000000000000000000000000")
        .set("firn.rewrite.schema-id", "0")
        .commit();
    Finding finding = verify(table).findings().get(0);
    assertThat(finding.kind()).isEqualTo(Kind.CONTENT_HASH);
    String right = finding.got();
    assertThat(right).startsWith("3:");
    // The hash of the same rows, taken from elsewhere.
    DataFile again = TableFixture.write(table, FileFormat.PARQUET, List.of(rec(2), rec(0))).get(0);
    DataFile more = TableFixture.write(table, FileFormat.PARQUET, List.of(rec(1))).get(0);
    table
        .newRewrite()
        .deleteFile(same)
        .addFile(again)
        .addFile(more)
        .set("firn.rewrite.content-hash", right)
        .set("firn.rewrite.schema-id", "0")
        .commit();
    VerificationReport head = Verification.of(table).deep().run();
    assertThat(head.findings()).isEmpty();
    assertThat(head.hashes()).isEqualTo(1);
  }

  @Test
  void tellsStatisticsThatAreGoneOrNotAsShown() {
    Table table = fixture.create(SCHEMA, 2);
    append(table, recs(3));
    long snapshot = table.currentSnapshot().snapshotId();
    String location = table.location() + "/metadata/s.stats";
    PuffinWriter writer = Puffin.write(table.io().newOutputFile(location)).build();
    try (writer) {
      writer.write(new Blob("some-type", List.of(1), snapshot, 1, ByteBuffer.allocate(3)));
      writer.finish();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    statistics(table, snapshot, location, writer, "some-type");
    assertThat(verify(table).findings()).isEmpty();
    statistics(table, snapshot, location, writer, "other-type");
    assertThat(kinds(table)).containsExactly(Kind.STATISTICS);
    files(table).deleteFile(location);
    assertThat(kinds(table)).containsExactly(Kind.STATISTICS);
  }

  private static void statistics(
      Table table, long snapshot, String location, PuffinWriter writer, String type) {
    table
        .updateStatistics()
        .setStatistics(
            new GenericStatisticsFile(
                snapshot,
                location,
                writer.fileSize(),
                writer.footerSize(),
                List.of(new GenericBlobMetadata(type, snapshot, 1, List.of(1), Map.of()))))
        .commit();
  }
}
