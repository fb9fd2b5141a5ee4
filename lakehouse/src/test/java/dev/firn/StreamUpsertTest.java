package dev.firn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.catalog.commit.CommitReceipt;
import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileContent;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.types.Types;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StreamUpsertTest {
  private static final String NAME = "shop.orders";
  private static final String CHANNEL = "orders-topic-0";
  private static final Schema SCHEMA =
      new Schema(
          Types.NestedField.required(1, "id", Types.LongType.get()),
          Types.NestedField.optional(2, "status", Types.StringType.get()));

  record Row(long id, String status) {}

  record Key(long id) {}

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

  private LakeTable create(int version) {
    return create(t -> t.key("id").formatVersion(version));
  }

  private LakeTable create(Consumer<TableDefinition> layout) {
    return lake.createTable(NAME, SCHEMA, layout);
  }

  private List<String> rows() {
    return lake.table(NAME).scan().toList(Row.class).stream()
        .map(row -> row.id() + row.status())
        .sorted()
        .toList();
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void replacesRowsByKeyAndDeletesThem(int version) {
    LakeTable table = create(version);
    try (StreamWriter stream = table.stream(CHANNEL)) {
      stream.upsertAll(List.of(new Row(1, "a"), new Row(2, "a"), new Row(3, "a")));
      assertThat(stream.rows()).isEqualTo(3);
      stream.commit("1");
      assertThat(rows()).containsExactly("1a", "2a", "3a");
      stream.upsert(new Row(2, "b"));
      stream.delete(new Key(3));
      stream.upsert(new Row(4, "b"));
      CommitReceipt receipt = stream.commit("2");
      assertThat(stream.lastToken()).contains("2");
      assertThat(table.iceberg().currentSnapshot().snapshotId()).isEqualTo(receipt.snapshotId());
    }
    assertThat(rows()).containsExactly("1a", "2b", "4b");
    assertThat(contents()).doesNotContain(FileContent.EQUALITY_DELETES);
  }

  private List<FileContent> contents() {
    try (CloseableIterable<FileScanTask> tasks = lake.table(NAME).iceberg().newScan().planFiles()) {
      return Stream.of(tasks)
          .flatMap(each -> java.util.stream.StreamSupport.stream(each.spliterator(), false))
          .flatMap(task -> task.deletes().stream())
          .map(DeleteFile::content)
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void theLastChangeOfAKeyCounts() {
    create(3);
    try (StreamWriter stream = lake.table(NAME).stream(CHANNEL)) {
      stream.upsert(new Row(1, "a"));
      stream.upsert(new Row(1, "b"));
      stream.upsert(new Row(2, "a"));
      stream.delete(new Key(2));
      stream.delete(new Key(3));
      stream.upsert(new Row(3, "c"));
      stream.commit("1");
    }
    assertThat(rows()).containsExactly("1b", "3c");
    assertThat(contents()).isEmpty();
  }

  @Test
  void plainRowsAndUpsertsTakeEffectInOrder() {
    LakeTable table = create(2);
    try (StreamWriter stream = table.stream(CHANNEL)) {
      stream.write(new Row(1, "plain"));
      stream.write(new Row(2, "plain"));
      stream.write(new Row(2, "plain"));
      stream.upsert(new Row(2, "upserted"));
      stream.write(new Row(2, "after"));
      stream.writeAll(List.of(new Row(3, "x"), new Row(3, "y")));
      stream.delete(new Key(3));
      stream.write(new Row(3, "z"));
      assertThat(stream.rows()).isEqualTo(9);
      stream.commit("1");
    }
    assertThat(rows()).containsExactly("1plain", "2after", "2upserted", "3z");
  }

  @Test
  void takesRecordsAndArrowBatches() {
    LakeTable table = create(3);
    try (StreamWriter stream = table.stream(CHANNEL);
        BigIntVector ids = new BigIntVector("id", lake.allocator());
        VarCharVector status = new VarCharVector("status", lake.allocator())) {
      for (int i = 0; i < 5; i++) {
        ids.setSafe(i, i % 4);
        status.setSafe(i, new byte[] {(byte) ('a' + i)});
      }
      VectorSchemaRoot batch = VectorSchemaRoot.of(ids, status);
      batch.setRowCount(5);
      stream.upsert(batch);
      GenericRecord row = GenericRecord.create(stream.schema());
      row.setField("id", 1L);
      row.setField("status", "r");
      stream.upsert(row);
      stream.delete(GenericRecord.create(stream.schema()).copy(Map.of("id", 2L)));
      stream.commit("1");
      assertThat(rows()).containsExactly("0e", "1r", "3d");
      VectorSchemaRoot keys = VectorSchemaRoot.of(ids);
      keys.setRowCount(2);
      stream.delete(keys);
      batch.setRowCount(5);
      stream.write(batch);
      stream.commit("2");
    }
    assertThat(rows()).containsExactly("0a", "0e", "1b", "2c", "3d", "3d");
  }

  @Test
  void oneBatchNeedsNoStream() {
    LakeTable table = create(3);
    try (UpsertWriter writer = table.upsert()) {
      writer.upsertAll(List.of(new Row(1, "a"), new Row(2, "a")));
      assertThat(writer.rows()).isEqualTo(2);
      assertThat(writer.commit()).isPresent();
    }
    try (UpsertWriter writer = table.upsert()) {
      writer.upsert(new Row(1, "b"));
      writer.delete(new Key(2));
      writer.commit();
      assertFails(writer::commit, ErrorKind.INVALID, "has been committed already");
    }
    try (UpsertWriter writer = table.upsert()) {
      writer.delete(new Key(2));
      assertThat(writer.commit()).isEmpty();
    }
    assertThat(rows()).containsExactly("1b");
  }

  @Test
  void movesTheTokenAloneWhereNothingChanges() {
    LakeTable table = create(3);
    try (StreamWriter stream = table.stream(CHANNEL)) {
      stream.delete(new Key(1));
      assertThat(stream.commit("1").snapshotId()).isEqualTo(StreamWriter.NO_SNAPSHOT);
      assertThat(stream.lastToken()).contains("1");
      stream.upsert(new Row(1, "a"));
      stream.commit("2");
    }
    assertThat(rows()).containsExactly("1a");
  }

  @Test
  void seesWhatOthersWroteAndCompacted() {
    LakeTable table = create(3);
    try (StreamWriter stream = table.stream(CHANNEL)) {
      stream.upsertAll(List.of(new Row(1, "a"), new Row(2, "a")));
      stream.commit("1");
      try (TableWriter writer = table.append()) {
        writer.write(new Row(2, "other"));
        writer.write(new Row(3, "other"));
        writer.commit();
      }
      table.compact().everything().run();
      stream.upsert(new Row(2, "b"));
      stream.upsert(new Row(3, "b"));
      stream.commit("2");
    }
    assertThat(rows()).containsExactly("1a", "2b", "3b");
  }

  @Test
  void shutOutWriterCommitsNothing() {
    LakeTable table = create(2);
    try (StreamWriter stream = table.stream(CHANNEL)) {
      stream.upsert(new Row(1, "a"));
      stream.commit("1");
      stream.upsert(new Row(1, "late"));
      try (StreamWriter next = table.stream(CHANNEL)) {
        assertFails(() -> stream.commit("2"), ErrorKind.CONFLICT, "another writer has opened");
        next.upsert(new Row(1, "next"));
        next.commit("2");
      }
    }
    assertThat(rows()).containsExactly("1next");
    lake.sweep().run();
    assertThat(files("parquet")).hasSize(3);
  }

  private List<Path> files(String kind) {
    try (Stream<Path> files = Files.walk(directory)) {
      return files.filter(file -> file.toString().endsWith(kind)).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void closedWithoutCommitLeavesNoFiles() {
    create(3);
    try (StreamWriter stream = streamOf(1)) {
      stream.write(new Row(1, "a"));
      stream.upsert(new Row(2, "a"));
      stream.upsert(new Row(3, "a"));
    }
    assertThat(files("parquet")).isEmpty();
    assertThat(rows()).isEmpty();
  }

  /** A stream that keeps so few bytes of changes in memory. */
  private StreamWriter streamOf(long bytes) {
    return lake.table(NAME).stream(CHANNEL, bytes);
  }

  private static void assertFails(ThrowingCallable call, ErrorKind kind, String message) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(FirnException.class, e -> assertThat(e.kind()).isEqualTo(kind))
        .hasMessageContaining(message);
  }

  @Test
  void refusesWhatHasNoKey() {
    LakeTable plain = lake.createTable("shop.plain", SCHEMA);
    try (StreamWriter stream = plain.stream(CHANNEL)) {
      stream.write(new Row(1, "a"));
      assertFails(
          () -> stream.upsert(new Row(2, "a")), ErrorKind.INVALID, "has no identifier fields");
      stream.commit("1");
    }
    assertThat(plain.scan().count()).isEqualTo(1);
    LakeTable keyed = create(3);
    try (StreamWriter stream = keyed.stream(CHANNEL)) {
      GenericRecord row = GenericRecord.create(stream.schema());
      row.setField("status", "a");
      assertFails(() -> stream.upsert(row), ErrorKind.INVALID, "column id");
      assertFails(() -> stream.delete(row), ErrorKind.INVALID, "column id");
      stream.upsert(new Row(1, "a"));
      stream.commit("1");
    }
    assertThat(rows()).containsExactly("1a");
  }

  @Test
  void refusesFormatVersionOne() {
    LakeTable table = create(1);
    try (StreamWriter stream = table.stream(CHANNEL)) {
      assertFails(
          () -> stream.upsert(new Row(1, "a")),
          ErrorKind.INVALID,
          "expected format-version 2 or 3, got 1");
    }
  }
}
