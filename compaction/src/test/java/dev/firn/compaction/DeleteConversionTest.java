package dev.firn.compaction;

import static dev.firn.testing.TableFixture.append;
import static dev.firn.testing.TableFixture.deleteEqual;
import static dev.firn.testing.TableFixture.deleteRows;
import static dev.firn.testing.TableFixture.row;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import dev.firn.testing.TableFixture;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileContent;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.IcebergGenerics;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DeleteConversionTest {
  private static final Schema SCHEMA =
      new Schema(
          Types.NestedField.required(1, "id", Types.LongType.get()),
          Types.NestedField.optional(2, "k", Types.StringType.get()));

  private final TableFixture fixture = TableFixture.open();

  @AfterEach
  void close() {
    fixture.close();
  }

  /** Three files, with deletes by position and by two sets of fields; the last file is newer. */
  private Table table(int version) {
    Table table = fixture.create(SCHEMA, version);
    DataFile first =
        append(table, row(SCHEMA, 1L, "a"), row(SCHEMA, 2L, null), row(SCHEMA, 3L, "c")).get(0);
    append(table, row(SCHEMA, 4L, "a"), row(SCHEMA, 5L, "e"));
    deleteRows(table, first, 0);
    Schema key = SCHEMA.select("k");
    deleteEqual(table, key, null, row(key, "a"), row(key, (Object) null));
    append(table, row(SCHEMA, 6L, "a"), row(SCHEMA, 7L, null));
    Schema id = SCHEMA.select("id");
    deleteEqual(table, id, null, row(id, 6L), row(id, 99L));
    table.refresh();
    return table;
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void rowsStayAndEqualityDeletesGo(int version) throws IOException {
    Table table = table(version);
    assertThat(ids(table)).containsExactly(3L, 5L, 7L);
    long before = table.currentSnapshot().snapshotId();

    DeleteConversion.Result planned = DeleteConversion.of(table).dryRun();
    assertThat(planned.snapshotId()).isEmpty();
    table.refresh();
    assertThat(table.currentSnapshot().snapshotId()).isEqualTo(before);

    DeleteConversion.Result done = DeleteConversion.of(table).run();
    assertThat(done.equalityDeleteFiles()).isEqualTo(planned.equalityDeleteFiles()).isEqualTo(2);
    assertThat(done.rows()).isEqualTo(planned.rows()).isEqualTo(3);
    assertThat(done.dataFiles()).isEqualTo(3);
    table.refresh();
    assertThat(done.snapshotId()).hasValue(table.currentSnapshot().snapshotId());
    assertThat(table.currentSnapshot().operation()).isEqualTo("replace");
    assertThat(ids(table)).containsExactly(3L, 5L, 7L);
    assertThat(deletes(table)).noneMatch(f -> f.content() == FileContent.EQUALITY_DELETES);
    assertThat(table.currentSnapshot().summary()).containsEntry("total-equality-deletes", "0");

    assertThat(DeleteConversion.of(table).run().equalityDeleteFiles()).isZero();
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void appendsMeanwhileAreNotTouched(int version) throws IOException {
    Table table = table(version);
    AtomicInteger attempts = new AtomicInteger();
    Table other = table;

    DeleteConversion.of(table)
        .beforeCommit(
            () -> {
              attempts.incrementAndGet();
              append(other, row(SCHEMA, 8L, "a"), row(SCHEMA, 6L, null));
            })
        .run();

    assertThat(attempts).hasValue(1);
    assertThat(ids(table)).containsExactly(3L, 5L, 6L, 7L, 8L);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void deletesMeanwhileAreTakenIn(int version) throws IOException {
    Table table = table(version);
    AtomicInteger attempts = new AtomicInteger();
    Table other = table;

    DeleteConversion.of(table)
        .beforeCommit(
            () -> {
              if (attempts.incrementAndGet() == 1) {
                Schema id = SCHEMA.select("id");
                deleteEqual(other, id, null, row(id, 5L));
              }
            })
        .run();

    assertThat(attempts).hasValue(2);
    table.refresh();
    assertThat(deletes(table)).noneMatch(f -> f.content() == FileContent.EQUALITY_DELETES);
    assertThat(ids(table)).containsExactly(3L, 7L);
  }

  @Test
  void neverEndingChangesAreAConflictThatChangesNothing() throws IOException {
    Table table = table(2);
    Table other = table;
    Schema id = SCHEMA.select("id");

    assertThatThrownBy(
            () ->
                DeleteConversion.of(table)
                    .beforeCommit(() -> deleteEqual(other, id, null, row(id, 5L)))
                    .run())
        .isInstanceOfSatisfying(
            FirnException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.CONFLICT));

    assertThat(ids(table)).containsExactly(3L, 7L);
    table.refresh();
    assertThat(deletes(table)).anyMatch(f -> f.content() == FileContent.EQUALITY_DELETES);
  }

  private static List<DeleteFile> deletes(Table table) throws IOException {
    List<DeleteFile> found = new ArrayList<>();
    try (CloseableIterable<FileScanTask> tasks = table.newScan().planFiles()) {
      tasks.forEach(task -> found.addAll(task.deletes()));
    }
    return found;
  }

  private static Set<Long> ids(Table table) throws IOException {
    table.refresh();
    Set<Long> ids = new TreeSet<>();
    try (CloseableIterable<Record> rows = IcebergGenerics.read(table).build()) {
      rows.forEach(row -> assertThat(ids.add((Long) row.get(0))).isTrue());
    }
    return ids;
  }
}
