package dev.firn.compaction.stats;

import static dev.firn.testing.TableFixture.append;
import static dev.firn.testing.TableFixture.deleteRows;
import static dev.firn.testing.TableFixture.row;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assertions.within;

import dev.firn.compaction.SnapshotExpiry;
import dev.firn.format.write.FileRegistrar;
import dev.firn.testing.TableFixture;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.StreamSupport;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.datasketches.theta.UpdateSketch;
import org.apache.iceberg.BlobMetadata;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.GenericBlobMetadata;
import org.apache.iceberg.GenericStatisticsFile;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.PartitionStatistics;
import org.apache.iceberg.Schema;
import org.apache.iceberg.StatisticsFile;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.puffin.Blob;
import org.apache.iceberg.puffin.Puffin;
import org.apache.iceberg.puffin.PuffinCompressionCodec;
import org.apache.iceberg.puffin.PuffinReader;
import org.apache.iceberg.puffin.PuffinWriter;
import org.apache.iceberg.types.Conversions;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;
import org.apache.iceberg.util.Pair;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StatisticsUpdateTest {
  private static final Schema SCHEMA =
      new Schema(
          NestedField.required(1, "id", Types.LongType.get()),
          NestedField.optional(2, "name", Types.StringType.get()),
          NestedField.optional(3, "part", Types.IntegerType.get()));
  private static final String THETA = "apache-datasketches-theta-v1";

  private final TableFixture fixture = TableFixture.open();
  private final BufferAllocator allocator = new RootAllocator(1 << 28);

  @AfterEach
  void close() {
    fixture.close();
    assertThat(allocator.getAllocatedMemory()).isZero();
    allocator.close();
  }

  private static Record[] recs(int from, int to) {
    List<Record> rows = new ArrayList<>();
    for (int i = from; i < to; i++) {
      rows.add(row(SCHEMA, (long) i, i % 3 == 0 ? null : "n" + i % 100, i % 7));
    }
    return rows.toArray(new Record[0]);
  }

  private StatisticsResult compute(Table table) {
    ExecutorService executor = Executors.newFixedThreadPool(2);
    try {
      return StatisticsUpdate.of(table, allocator, executor, 3, e -> e, held -> () -> {}).run();
    } finally {
      executor.shutdown();
    }
  }

  private static StatisticsFile only(Table table) {
    table.refresh();
    assertThat(table.statisticsFiles()).hasSize(1);
    return table.statisticsFiles().get(0);
  }

  /** The blobs of a file by Iceberg's reader, by type and field. */
  private static List<Pair<org.apache.iceberg.puffin.BlobMetadata, ByteBuffer>> blobs(
      Table table, StatisticsFile file) {
    try (PuffinReader reader =
        Puffin.read(table.io().newInputFile(file.path()))
            .withFileSize(file.fileSizeInBytes())
            .withFooterSize(file.fileFooterSizeInBytes())
            .build()) {
      List<Pair<org.apache.iceberg.puffin.BlobMetadata, ByteBuffer>> blobs = new ArrayList<>();
      reader.readAll(reader.fileMetadata().blobs()).forEach(blobs::add);
      return blobs;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static byte[] bytes(ByteBuffer buffer) {
    byte[] content = new byte[buffer.remaining()];
    buffer.duplicate().get(content);
    return content;
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void countsDistinctValuesOfLiveRowsWithinTheSketchesError(int version) {
    Table table = fixture.create(SCHEMA, version);
    DataFile first = append(table, recs(0, 12_000)).get(0);
    append(table, recs(6_000, 20_000));
    append(table, row(SCHEMA, 1L, "only here", 99));
    DataFile gone = append(table, row(SCHEMA, 2L, "gone", 100)).get(0);
    deleteRows(table, gone, 0);
    deleteRows(table, first, 3);

    StatisticsResult result = compute(table);

    assertThat(result.snapshotId()).isEqualTo(table.currentSnapshot().snapshotId());
    assertThat(result.rows()).isEqualTo(26_000);
    assertThat(result.partitionFile()).isNull();
    // Three standard errors of 4096 entries; small counts are exact.
    assertThat(result.columns().get(0).values()).isCloseTo(19_999L, within(940L));
    assertThat(result.columns().get(1).values()).isEqualTo(101);
    assertThat(result.columns().get(2).values()).isEqualTo(8);
    StatisticsFile file = only(table);
    assertThat(file.path()).isEqualTo(result.statisticsFile());
    assertThat(file.blobMetadata())
        .extracting(BlobMetadata::type, BlobMetadata::fields)
        .containsExactly(
            tuple(THETA, List.of(1)), tuple(THETA, List.of(2)), tuple(THETA, List.of(3)));
    for (var blob : blobs(table, file)) {
      int column = blob.first().inputFields().get(0) - 1;
      assertThat(blob.first().properties())
          .containsEntry("ndv", "" + result.columns().get(column).values());
      assertThat(blob.first().compressionCodec())
          .isEqualTo(PuffinCompressionCodec.ZSTD.codecName());
      assertThat(blob.first().snapshotId()).isEqualTo(table.currentSnapshot().snapshotId());
    }
  }

  /** So that sketches of Spark and Trino can be united with ours. */
  @Test
  void hashesTheBytesOfIcebergsSingleValues() {
    Schema schema =
        new Schema(
            NestedField.optional(1, "b", Types.BooleanType.get()),
            NestedField.optional(2, "i", Types.IntegerType.get()),
            NestedField.optional(3, "l", Types.LongType.get()),
            NestedField.optional(4, "f", Types.FloatType.get()),
            NestedField.optional(5, "d", Types.DoubleType.get()),
            NestedField.optional(6, "dec", Types.DecimalType.of(38, 2)),
            NestedField.optional(7, "day", Types.DateType.get()),
            NestedField.optional(8, "s", Types.StringType.get()),
            NestedField.optional(9, "u", Types.UUIDType.get()),
            NestedField.optional(10, "x", Types.FixedType.ofLength(2)),
            NestedField.optional(11, "y", Types.BinaryType.get()),
            NestedField.optional(12, "time", Types.TimeType.get()),
            NestedField.optional(13, "local", Types.TimestampType.withoutZone()),
            NestedField.optional(14, "at", Types.TimestampType.withZone()),
            NestedField.optional(15, "nanos", Types.TimestampNanoType.withoutZone()));
    List<List<Object>> rows = new ArrayList<>();
    LocalDateTime epoch = LocalDate.EPOCH.atStartOfDay();
    for (int i = -20; i < 20; i++) {
      rows.add(
          List.of(
              i % 2 == 0,
              i * 1000,
              i * 100_000_000_000L,
              i / 3f,
              i / 7.0,
              new BigDecimal("12345678901234567890.25")
                  .pow(i % 2 == 0 ? 1 : 0)
                  .setScale(2)
                  .multiply(BigDecimal.valueOf(i)),
              LocalDate.ofEpochDay(i),
              "text, a long one, to outgrow the first buffer of the sketch, number " + i,
              new UUID(i, ~i),
              new byte[] {(byte) i, 1},
              ByteBuffer.wrap(new byte[] {(byte) i, 2, 3}),
              LocalTime.NOON.plusNanos(i * 1_000L),
              epoch.plusMinutes(i * 99L),
              epoch.plusSeconds(i).atOffset(ZoneOffset.UTC),
              epoch.plusNanos(i)));
    }
    Table table = fixture.create(schema, 3);
    append(table, rows.stream().map(each -> row(schema, each.toArray())).toArray(Record[]::new));
    compute(table);
    var blobs = blobs(table, only(table));
    for (int c = 0; c < schema.columns().size(); c++) {
      UpdateSketch expected = UpdateSketch.builder().build();
      Type type = schema.columns().get(c).type();
      for (List<Object> each : rows) {
        expected.update(Conversions.toByteBuffer(type, internal(type, each.get(c))));
      }
      assertThat(bytes(blobs.get(c).second()))
          .as("%s", type)
          .isEqualTo(expected.compact().toByteArray());
    }
  }

  private static Object internal(Type type, Object value) {
    if (value instanceof LocalDate day) {
      return (int) day.toEpochDay();
    }
    if (value instanceof LocalTime time) {
      return time.toNanoOfDay() / 1_000;
    }
    if (value instanceof OffsetDateTime at) {
      return internal(type, at.toLocalDateTime());
    }
    if (value instanceof LocalDateTime at) {
      ChronoUnit unit =
          type.typeId() == Type.TypeID.TIMESTAMP_NANO ? ChronoUnit.NANOS : ChronoUnit.MICROS;
      return unit.between(LocalDate.EPOCH.atStartOfDay(), at);
    }
    return value instanceof byte[] bytes ? ByteBuffer.wrap(bytes) : value;
  }

  @Test
  void keepsWhatElseTheStatisticsFileHas() {
    Table table = fixture.create(SCHEMA, 2);
    append(table, recs(0, 10));
    long snapshot = table.currentSnapshot().snapshotId();
    String location = table.location() + "/metadata/old.stats";
    StatisticsFile old = oldFile(table, snapshot, location);
    table.updateStatistics().setStatistics(old).commit();

    List<String> announced = new ArrayList<>();
    FileRegistrar registrar =
        new FileRegistrar() {
          @Override
          public void creating(List<String> locations) {
            assertThat(TableFixture.files(table, "metadata"))
                .doesNotContainAnyElementsOf(locations);
            announced.addAll(locations);
          }

          @Override
          public void removed(Collection<String> locations) {
            announced.removeAll(locations);
          }
        };
    StatisticsResult result =
        StatisticsUpdate.of(table).recordedBy(() -> registrar).columns(List.of("id")).run();

    StatisticsFile file = only(table);
    assertThat(announced).containsExactly(file.path());
    assertThat(result.columns()).containsExactly(new StatisticsResult.Distinct("id", 1, 10));
    assertThat(file.blobMetadata())
        .extracting(BlobMetadata::type, BlobMetadata::fields)
        .containsExactly(
            tuple("firn-key-index-v1", List.of(1)),
            tuple(THETA, List.of(3)),
            tuple(THETA, List.of(1)));
    List<ByteBuffer> index = new ArrayList<>();
    for (var blob : blobs(table, file)) {
      if (blob.first().type().equals("firn-key-index-v1")) {
        index.add(blob.second());
      }
    }
    assertThat(index)
        .containsExactly(ByteBuffer.wrap(new byte[] {1, 2}), ByteBuffer.wrap(new byte[] {3}));
    assertThat(TableFixture.files(table, "metadata")).doesNotContain(location);
  }

  /** An index of a shown and a hidden blob, and sketches of two columns. */
  private static StatisticsFile oldFile(Table table, long snapshot, String location) {
    PuffinWriter writer = Puffin.write(table.io().newOutputFile(location)).build();
    List<BlobMetadata> shown = new ArrayList<>();
    try (writer) {
      shown.add(
          GenericBlobMetadata.from(writer.write(blob("firn-key-index-v1", 1, snapshot, 1, 2))));
      writer.write(blob("firn-key-index-v1", 1, snapshot, 3));
      shown.add(GenericBlobMetadata.from(writer.write(blob(THETA, 1, snapshot, 4))));
      shown.add(GenericBlobMetadata.from(writer.write(blob(THETA, 3, snapshot, 5))));
      writer.finish();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new GenericStatisticsFile(
        snapshot, location, writer.fileSize(), writer.footerSize(), shown);
  }

  private static Blob blob(String type, int field, long snapshot, int... content) {
    byte[] bytes = new byte[content.length];
    for (int i = 0; i < content.length; i++) {
      bytes[i] = (byte) content[i];
    }
    return new Blob(
        type,
        List.of(field),
        snapshot,
        1,
        ByteBuffer.wrap(bytes),
        PuffinCompressionCodec.NONE,
        Map.of("length", "" + bytes.length));
  }

  @Test
  void partitionStatisticsGoOnFromThoseBefore() {
    PartitionSpec spec = PartitionSpec.builderFor(SCHEMA).identity("part").build();
    Table table = fixture.create(SCHEMA, spec, 3);
    List<DataFile> files = append(table, recs(0, 70));
    StatisticsResult first = compute(table);
    assertThat(partitions(table)).containsEntry(0, 10L).hasSize(7);
    append(table, recs(0, 7));
    table.newDelete().deleteFile(files.get(3)).commit();
    StatisticsResult second = compute(table);
    assertThat(second.partitionFile()).isNotEqualTo(first.partitionFile());
    assertThat(partitions(table)).containsEntry(0, 11L).containsEntry(3, 1L);
    assertThat(table.partitionStatisticsFiles()).hasSize(2);
    // Of the same snapshot they are there already.
    assertThat(compute(table).partitionFile()).isEqualTo(second.partitionFile());

    SnapshotExpiry.of(table).olderThan(Instant.now().plusSeconds(60)).retainLast(1).run();
    table.refresh();
    assertThat(TableFixture.files(table, "metadata"))
        .contains(second.partitionFile())
        .doesNotContain(first.partitionFile(), first.statisticsFile());
    assertThat(table.statisticsFiles()).hasSize(1);
    assertThat(table.partitionStatisticsFiles()).hasSize(1);
  }

  private static Map<Integer, Long> partitions(Table table) {
    table.refresh();
    try (CloseableIterable<PartitionStatistics> rows =
        table
            .newPartitionStatisticsScan()
            .useSnapshot(table.currentSnapshot().snapshotId())
            .scan()) {
      Map<Integer, Long> counts = new HashMap<>();
      StreamSupport.stream(rows.spliterator(), false)
          .forEach(
              each -> counts.put(each.partition().get(0, Integer.class), each.dataRecordCount()));
      return counts;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What its progress throws ends it in the midst of a file, and leaves nothing. */
  @Test
  void stopsMidwayAndLeavesNothing() {
    Table table = fixture.create(SCHEMA, 3);
    append(table, recs(0, 50_000));
    List<String> before = TableFixture.files(table, "metadata");
    List<Long> told = new ArrayList<>();
    List<Long> held = new ArrayList<>();
    StatisticsUpdate update =
        StatisticsUpdate.of(
                table,
                allocator,
                Runnable::run,
                1,
                e -> new IllegalStateException("translated", e),
                sequence -> {
                  held.add(sequence);
                  return () -> held.remove(sequence);
                })
            .progress(
                rows -> {
                  assertThat(held).containsExactly(1L);
                  told.add(rows);
                  throw new UnsupportedOperationException("enough");
                });

    assertThatThrownBy(update::run).hasMessage("translated").hasRootCauseMessage("enough");

    assertThat(held).isEmpty();
    assertThat(told).hasSize(1);
    assertThat(told.get(0)).isPositive().isLessThan(50_000);
    table.refresh();
    assertThat(table.statisticsFiles()).isEmpty();
    assertThat(TableFixture.files(table, "metadata")).isEqualTo(before);
  }

  @Test
  void refusesColumnsThatHaveNoDistinctCount() {
    Types.StructType nested =
        Types.StructType.of(NestedField.optional(11, "x", Types.LongType.get()));
    Schema schema =
        new Schema(
            NestedField.optional(1, "id", Types.LongType.get()),
            NestedField.optional(2, "nested", nested),
            NestedField.optional(3, "list", Types.ListType.ofOptional(12, Types.LongType.get())));
    Table table = fixture.create(schema, 2);
    assertThat(StatisticsUpdate.of(table).run().snapshotId()).isNull();
    Record inner = GenericRecord.create(nested);
    inner.set(0, 5L);
    append(table, row(schema, 1L, inner, List.of(1L)), row(schema, 1L, null, null));
    assertThatThrownBy(() -> StatisticsUpdate.of(table).columns(List.of("idd")).run())
        .hasMessageContaining("it has no column 'idd'")
        .hasMessageContaining("id");
    assertThatThrownBy(() -> StatisticsUpdate.of(table).columns(List.of("list.element")).run())
        .hasMessageContaining("one in a list or map");
    assertThatThrownBy(() -> StatisticsUpdate.of(table).columns(List.of("nested")).run())
        .hasMessageContaining("expected a column of a primitive type");
    assertThat(StatisticsUpdate.of(table).columns(List.of("nested.x")).run().columns())
        .containsExactly(new StatisticsResult.Distinct("nested.x", 4, 1));
    assertThat(StatisticsUpdate.of(table).run().columns())
        .extracting(StatisticsResult.Distinct::column)
        .containsExactly("id");
  }
}
