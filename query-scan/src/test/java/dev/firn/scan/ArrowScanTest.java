package dev.firn.scan;

import static dev.firn.testing.TableFixture.append;
import static dev.firn.testing.TableFixture.deleteRows;
import static dev.firn.testing.TableFixture.row;
import static org.apache.iceberg.expressions.Expressions.alwaysTrue;
import static org.apache.iceberg.expressions.Expressions.greaterThan;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import dev.firn.format.arrow.ArrowRows;
import dev.firn.testing.ArrowLeakCheck;
import dev.firn.testing.TableFixture;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@ExtendWith(ArrowLeakCheck.class)
class ArrowScanTest {
  private static final Schema SCHEMA =
      new Schema(
          Types.NestedField.required(1, "id", Types.LongType.get()),
          Types.NestedField.optional(2, "name", Types.StringType.get()),
          Types.NestedField.optional(
              3, "tags", Types.ListType.ofOptional(4, Types.StringType.get())),
          Types.NestedField.optional(
              5,
              "at",
              Types.StructType.of(Types.NestedField.optional(6, "x", Types.IntegerType.get()))),
          Types.NestedField.optional(
              7,
              "sizes",
              Types.MapType.ofOptional(8, 9, Types.StringType.get(), Types.DoubleType.get())));

  private final TableFixture fixture = TableFixture.open();

  @AfterEach
  void close() {
    fixture.close();
  }

  private static Record rec(long id) {
    GenericRecord at = GenericRecord.create(SCHEMA.findType("at").asStructType());
    at.set(0, (int) id * 10);
    return id % 3 == 0
        ? row(SCHEMA, id, null, null, null, null)
        : row(SCHEMA, id, "n" + id, List.of("a" + id, "b"), at, Map.of("k" + id, id / 2.0));
  }

  private static Record[] recs(int from, int to) {
    return IntStream.range(from, to).mapToObj(ArrowScanTest::rec).toArray(Record[]::new);
  }

  private static ScanRequest request(Expression filter, long limit, String... columns) {
    return new ScanRequest(
        new SnapshotSelector.Current(),
        columns.length == 0 ? null : List.of(columns),
        filter,
        limit);
  }

  private static List<Record> rows(ArrowReader reader, Schema schema) throws IOException {
    List<Record> rows = new ArrayList<>();
    while (reader.loadNextBatch()) {
      ArrowRows.rows(reader.getVectorSchemaRoot(), schema).forEach(rows::add);
    }
    return rows;
  }

  @ParameterizedTest
  @EnumSource(
      value = FileFormat.class,
      names = {"PARQUET", "AVRO", "ORC"})
  void batchesHoldEveryTypeUpToTheirSizeAndFollowFiles(FileFormat format, BufferAllocator allocator)
      throws IOException {
    Table table = fixture.create(SCHEMA, 2);
    append(table, format, recs(0, 5));
    append(table, format, recs(5, 7));
    List<Record> rows = new ArrayList<>();
    List<Integer> sizes = new ArrayList<>();

    try (ArrowReader reader =
        new TableScanner(table).readArrow(ScanRequest.EVERYTHING, allocator, 2)) {
      assertThat(reader.getVectorSchemaRoot().getSchema().getFields()).hasSize(5);
      while (reader.loadNextBatch()) {
        sizes.add(reader.getVectorSchemaRoot().getRowCount());
        ArrowRows.rows(reader.getVectorSchemaRoot(), SCHEMA).forEach(rows::add);
      }
      assertThat(reader.bytesRead()).isPositive();
    }

    assertThat(rows).containsExactlyInAnyOrder(recs(0, 7));
    assertThat(sizes).allMatch(size -> size > 0 && size <= 2);
  }

  @ParameterizedTest
  @EnumSource(
      value = FileFormat.class,
      names = {"PARQUET", "AVRO", "ORC"})
  void aLimitCutsTheLastBatch(FileFormat format, BufferAllocator allocator) throws IOException {
    Table table = fixture.create(SCHEMA, 2);
    append(table, format, recs(0, 10));

    for (int limit = 0; limit <= 11; limit++) {
      ScanRequest request = request(alwaysTrue(), limit);
      try (ArrowReader reader = new TableScanner(table).readArrow(request, allocator, 4)) {
        assertThat(rows(reader, SCHEMA)).containsExactly(recs(0, Math.min(limit, 10)));
      }
      ScanRequest nothing = new ScanRequest(request.snapshot(), List.of(), alwaysTrue(), limit);
      try (ArrowReader reader = new TableScanner(table).readArrow(nothing, allocator, 4)) {
        assertThat(rows(reader, new Schema())).hasSize(Math.min(limit, 10));
      }
    }
  }

  @Test
  void whoeverRetainsBuffersKeepsABatchAfterTheNext(BufferAllocator allocator) throws IOException {
    Table table = fixture.create(SCHEMA, 2);
    append(table, recs(0, 9));
    List<ArrowBuf> kept = new ArrayList<>();

    ScanRequest request = request(greaterThan("id", 0), ScanRequest.NO_LIMIT, "id");
    try (ArrowReader reader = new TableScanner(table).readArrow(request, allocator, 3)) {
      while (reader.loadNextBatch()) {
        BigIntVector ids = (BigIntVector) reader.getVectorSchemaRoot().getVector(0);
        ArrowBuf buffer = ids.getDataBuffer();
        buffer.getReferenceManager().retain();
        kept.add(buffer.slice(0, 8L * ids.getValueCount()));
      }
    }

    List<Long> ids = new ArrayList<>();
    for (ArrowBuf buffer : kept) {
      for (long at = 0; at < buffer.capacity(); at += 8) {
        ids.add(buffer.getLong(at));
      }
      buffer.getReferenceManager().release();
    }
    assertThat(ids).containsExactly(1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L);
  }

  @Test
  void columnsDecodeOnTheExecutorGiven(BufferAllocator allocator) throws IOException {
    Table table = fixture.create(SCHEMA, 3);
    DataFile file = append(table, recs(0, 50)).get(0);
    deleteRows(table, file, 0, 7, 49);
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try (ArrowReader reader =
        new TableScanner(table, new Decoding(16, threads, 2))
            .readArrow(ScanRequest.EVERYTHING, allocator, 16)) {
      assertThat(rows(reader, SCHEMA))
          .hasSize(47)
          .doesNotContain(rec(0), rec(7), rec(49))
          .contains(rec(1), rec(48));
    } finally {
      threads.shutdown();
    }
  }

  @Test
  void pagesFarFromTheirChunksStartAreReadAlone(BufferAllocator allocator) throws IOException {
    Schema schema = SCHEMA.select("id", "name");
    Table table = fixture.create(schema, 2);
    Random random = new Random(1);
    Record[] rows = new Record[60_000];
    for (int i = 0; i < rows.length; i++) {
      byte[] noise = new byte[100];
      random.nextBytes(noise);
      rows[i] = row(schema, (long) i, Base64.getEncoder().encodeToString(noise));
    }
    append(table, rows);

    ScanRequest request = request(greaterThan("id", rows.length - 3), ScanRequest.NO_LIMIT);
    try (ArrowReader reader = new TableScanner(table).readArrow(request, allocator, 1000)) {
      assertThat(rows(reader, schema))
          .containsExactly(rows[rows.length - 2], rows[rows.length - 1]);
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = FileFormat.class,
      names = {"PARQUET", "AVRO", "ORC"})
  void memoryThatDoesNotSufficeIsNotTakenForDamage(FileFormat format, BufferAllocator allocator) {
    Table table = fixture.create(SCHEMA, 2);
    append(table, format, recs(0, 2000));

    try (BufferAllocator small = allocator.newChildAllocator("small", 0, 4096);
        ArrowReader reader =
            new TableScanner(table).readArrow(ScanRequest.EVERYTHING, small, 2000)) {
      assertThatThrownBy(reader::loadNextBatch)
          .isInstanceOfSatisfying(
              FirnException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.INVALID))
          .hasMessageContaining("memory");
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
