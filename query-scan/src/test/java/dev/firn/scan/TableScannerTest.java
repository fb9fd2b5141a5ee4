package dev.firn.scan;

import static dev.firn.testing.TableFixture.append;
import static dev.firn.testing.TableFixture.deleteEqual;
import static dev.firn.testing.TableFixture.deleteRows;
import static dev.firn.testing.TableFixture.positionDeletes;
import static dev.firn.testing.TableFixture.row;
import static org.apache.iceberg.expressions.Expressions.alwaysTrue;
import static org.apache.iceberg.expressions.Expressions.equal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import dev.firn.testing.ArrowLeakCheck;
import dev.firn.testing.TableFixture;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.CloseableIterator;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@ExtendWith(ArrowLeakCheck.class)
class TableScannerTest {
  private static final Schema SCHEMA =
      new Schema(
          Types.NestedField.required(1, "id", Types.LongType.get()),
          Types.NestedField.optional(2, "p", Types.IntegerType.get()));

  private final TableFixture fixture = TableFixture.open();

  @AfterEach
  void close() {
    fixture.close();
  }

  private static Record rec(long id) {
    return row(SCHEMA, id, (int) (id % 2));
  }

  @ParameterizedTest
  @EnumSource(
      value = FileFormat.class,
      names = {"PARQUET", "AVRO", "ORC"})
  void appliesPositionDeleteFilesOfEveryFormat(FileFormat format) {
    Table table = fixture.create(SCHEMA, 2);
    DataFile file = append(table, format, rec(1), rec(2), rec(3), rec(4)).get(0);
    DeleteFile one = positionDeletes(table, format, file, 0, 2);
    DeleteFile two = positionDeletes(table, FileFormat.PARQUET, file, 2, 3);
    table.newRowDelta().addDeletes(one).addDeletes(two).commit();

    assertThat(Scans.rows(table, Scans.where(alwaysTrue(), "id", "_pos")))
        .containsExactly(List.of(2L, 1L));
  }

  @ParameterizedTest
  @EnumSource(
      value = FileFormat.class,
      names = {"PARQUET", "AVRO", "ORC"})
  void appliesDeletionVectorsAndGivesRowIds(FileFormat format) {
    Table table = fixture.create(SCHEMA, 3);
    DataFile file = append(table, format, rec(1), rec(2), rec(3)).get(0);
    append(table, format, rec(4));
    deleteRows(table, file, 0);
    deleteRows(table, file, 2);

    assertThat(
            Scans.rows(
                table, Scans.where(alwaysTrue(), "id", "_row_id", "_last_updated_sequence_number")))
        .containsExactlyInAnyOrder(List.of(2L, 1L, 1L), List.of(4L, 3L, 2L));
  }

  @Test
  void appliesEqualityDeletesOfAPartitionAndOfTheWholeTable() {
    Table table = fixture.create(SCHEMA, PartitionSpec.unpartitioned(), 2);
    table.updateSpec().addField("p").commit();
    List<DataFile> files = append(table, rec(1), rec(2), rec(3), rec(4), rec(5));
    Schema id = SCHEMA.select("id");
    // Only the partition of the first file: 2 stays though it is named.
    deleteEqual(table, id, files.get(0), row(id, 1L), row(id, 2L));
    deleteEqual(table, id, null, row(id, 4L), row(id, 5L));
    append(table, rec(5));

    assertThat(Scans.column(table, alwaysTrue(), "id")).containsExactlyInAnyOrder(2L, 3L, 5L);
  }

  @Test
  void equalityDeletesOnNullDeleteNulls() {
    Table table = fixture.create(SCHEMA, 2);
    append(table, row(SCHEMA, 1L, null), row(SCHEMA, 2L, 2));
    Schema p = SCHEMA.select("p");
    deleteEqual(table, p, null, row(p, (Object) null));

    assertThat(Scans.all(table)).containsExactly(List.of(2L, 2));
  }

  @Test
  void metadataColumnsNameTheFileAndItsPartition() {
    Table table = fixture.create(SCHEMA, PartitionSpec.builderFor(SCHEMA).identity("p").build(), 2);
    DataFile file = append(table, rec(1)).get(0);

    assertThat(
            Scans.rows(
                table,
                Scans.where(
                    equal("_file", file.location()),
                    "_file",
                    "id",
                    "_partition",
                    "_spec_id",
                    "_deleted",
                    "_row_id")))
        .containsExactly(Arrays.asList(file.location(), 1L, List.of(1), 0, false, null));
  }

  @Test
  void selectingNothingStillCounts() {
    Table table = fixture.create(SCHEMA, 2);
    append(table, rec(1), rec(2));

    ScanRequest request =
        new ScanRequest(
            new SnapshotSelector.Current(), List.of(), alwaysTrue(), ScanRequest.NO_LIMIT);
    assertThat(Scans.rows(table, request)).containsExactly(List.of(), List.of());
  }

  @Test
  void aLimitStopsReadingEarly(BufferAllocator allocator) throws IOException {
    Table table = fixture.create(SCHEMA, 2);
    append(table, rec(1), rec(2), rec(3));
    DataFile last = append(table, rec(4)).get(0);
    DataFile first = append(table, rec(5)).get(0);
    ScanRequest request =
        new ScanRequest(new SnapshotSelector.Current(), List.of("id"), alwaysTrue(), 2);
    List<String> planned = new ArrayList<>();
    new TableScanner(table).plan(request).forEach(task -> planned.add(task.file().location()));
    assertThat(planned).contains(first.location(), last.location());
    // Two rows come from the first two files or fewer: the last one is never opened.
    table.io().deleteFile(planned.get(2));

    try (CloseableIterable<Record> rows = new TableScanner(table).read(request, allocator)) {
      assertThat(rows).hasSize(2);
    }
    assertThat(Scans.rows(table, new ScanRequest(request.snapshot(), null, alwaysTrue(), 0)))
        .isEmpty();
  }

  @Test
  void aClosedCursorHasNoMoreRows(BufferAllocator allocator) throws IOException {
    Table table = fixture.create(SCHEMA, 2);
    append(table, rec(1), rec(2));
    CloseableIterable<Record> rows =
        new TableScanner(table).read(ScanRequest.EVERYTHING, allocator);
    CloseableIterator<Record> cursor = rows.iterator();
    cursor.next();

    rows.close();
    cursor.close();

    assertThat(cursor.hasNext()).isFalse();
    assertThatThrownBy(cursor::next).isInstanceOf(java.util.NoSuchElementException.class);
  }

  @ParameterizedTest
  @EnumSource(
      value = FileFormat.class,
      names = {"PARQUET", "AVRO", "ORC"})
  void aFileCutShortIsCorruptAndNamed(FileFormat format) throws IOException {
    Table table = fixture.create(SCHEMA, 2);
    DataFile file = append(table, format, rec(1), rec(2)).get(0);
    byte[] bytes;
    try (InputStream in = table.io().newInputFile(file.location()).newStream()) {
      bytes = in.readAllBytes();
    }
    table.io().deleteFile(file.location());
    try (OutputStream out = table.io().newOutputFile(file.location()).create()) {
      out.write(bytes, 0, bytes.length / 2);
    }

    failsNaming(table, file.location(), "restore the file");
  }

  @Test
  void aMissingDataOrDeleteFileIsCorruptAndNamed() {
    Table table = fixture.create(SCHEMA, 2);
    DataFile file = append(table, rec(1), rec(2)).get(0);
    DeleteFile deletes = deleteRows(table, file, 0).get(0);

    table.io().deleteFile(deletes.location());
    failsNaming(table, deletes.location(), "Cannot read delete file");
    table.io().deleteFile(file.location());
    table.newRewrite().deleteFile(deletes).commit();
    failsNaming(table, file.location(), "names a file that does not exist");
  }

  private static void failsNaming(Table table, String location, String reason) {
    assertThatThrownBy(() -> Scans.all(table))
        .isInstanceOfSatisfying(
            FirnException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.CORRUPT))
        .message()
        .contains(location, reason, table.name());
  }
}
