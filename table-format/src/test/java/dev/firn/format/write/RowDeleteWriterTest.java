package dev.firn.format.write;

import static org.apache.iceberg.types.Types.NestedField.optional;
import static org.apache.iceberg.types.Types.NestedField.required;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.RowDelta;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RowDeleteWriterTest {
  private static final Schema SCHEMA =
      new Schema(
          required(1, "id", Types.LongType.get()), optional(2, "part", Types.StringType.get()));

  private static Table table(int version, String format) {
    PartitionSpec spec = PartitionSpec.builderFor(SCHEMA).identity("part").build();
    Table table =
        Tables.create(SCHEMA, spec, "format-version", "" + version, "write.format.default", format);
    List<Record> rows = new ArrayList<>();
    for (long i = 0; i < 400; i++) {
      rows.add(Tables.row(SCHEMA, i, i % 4 == 3 ? null : "p" + i % 4));
    }
    Tables.append(table, rows);
    return table;
  }

  private static Set<Long> ids(Table table) {
    return Tables.read(table).stream()
        .map(r -> (Long) r.get(0))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static RowDeleteWriter.Result delete(Table table, Set<Long> remaining, Random random) {
    try (RowDeleteWriter writer = RowDeleteWriter.open(table)) {
      for (FileScanTask task : Tables.plan(table)) {
        List<Record> rows = ReadFile.rows(table, task.file());
        for (int i = 0; i < 15; i++) {
          int position = random.nextInt(rows.size());
          remaining.remove((Long) rows.get(position).get(0));
          writer.delete(task, position);
        }
      }
      RowDeleteWriter.Result result = writer.complete();
      commit(table, result);
      return result;
    }
  }

  private static void commit(Table table, RowDeleteWriter.Result result) {
    RowDelta delta = table.newRowDelta().validateFromSnapshot(table.currentSnapshot().snapshotId());
    result.added().forEach(delta::addDeletes);
    result.superseded().forEach(delta::removeDeletes);
    delta.validateDataFilesExist(result.referencedDataFiles()).commit();
    table.refresh();
  }

  @ParameterizedTest
  @CsvSource({"2,parquet", "2,avro", "2,orc", "3,parquet", "3,avro", "3,orc"})
  void deletedRowsAreGoneAndOthersStay(int version, String format) {
    long seed = version;
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    Table table = table(version, format);
    Set<Long> remaining = ids(table);

    for (int round = 0; round < 3; round++) {
      RowDeleteWriter.Result result = delete(table, remaining, random);

      assertThat(ids(table)).isEqualTo(remaining);
      assertThat(result.added()).hasSize(4);
      assertThat(result.referencedDataFiles()).hasSize(4);
      assertThat(result.superseded()).hasSize(version == 3 && round > 0 ? 4 : 0);
      assertThat(result.added())
          .allSatisfy(f -> assertThat(f.referencedDataFile() != null || version == 2).isTrue());
    }
  }

  @ParameterizedTest
  @CsvSource({"parquet", "avro", "orc"})
  void deletesOfAPartitionShareAFileWhereTheTableSaysSo(String format) {
    Table table = table(2, format);
    for (int i = 0; i < 3; i++) {
      Tables.append(
          table, List.of(Tables.row(SCHEMA, 1000L + i, "p0"), Tables.row(SCHEMA, 2000L + i, "p1")));
    }
    table.updateProperties().set("write.delete.granularity", "partition").commit();
    table.refresh();
    Set<Long> remaining = ids(table);

    for (int round = 0; round < 2; round++) {
      RowDeleteWriter.Result result = delete(table, remaining, new Random(round));

      assertThat(result.added()).hasSize(4);
      assertThat(result.referencedDataFiles().size()).isGreaterThan(4 - round * 3);
      assertThat(ids(table)).isEqualTo(remaining);
    }
  }

  @Test
  void unknownGranularityIsRefused() {
    Table table = table(2, "parquet");
    table.updateProperties().set("write.delete.granularity", "row").commit();
    table.refresh();
    assertThatThrownBy(() -> delete(table, ids(table), new Random(1)))
        .isInstanceOf(FirnException.class)
        .hasMessageContaining("expected file or partition, got row");
  }

  @Test
  void vectorsAbsorbTheFileScopedDeletesOfVersionTwo() {
    Table table = table(2, "parquet");
    Set<Long> remaining = ids(table);
    Random random = new Random(5);
    List<DeleteFile> old = delete(table, remaining, random).added();
    table.updateProperties().set("format-version", "3").commit();
    table.refresh();

    RowDeleteWriter.Result result = delete(table, remaining, random);

    assertThat(result.superseded().stream().map(DeleteFile::location))
        .containsExactlyInAnyOrderElementsOf(old.stream().map(DeleteFile::location).toList());
    assertThat(result.added()).allMatch(f -> f.format() == FileFormat.PUFFIN);
    assertThat(ids(table)).isEqualTo(remaining);
    assertThat(Tables.plan(table)).allMatch(t -> t.deletes().size() == 1);
  }

  @Test
  void deletesOfADroppedSpecLandInTheDataFilesOwnPartition() {
    Table table = table(2, "parquet");
    table.updateSpec().removeField("part").commit();
    table.refresh();
    Set<Long> remaining = ids(table);

    RowDeleteWriter.Result result = delete(table, remaining, new Random(1));

    assertThat(result.added()).allMatch(f -> f.specId() != table.spec().specId());
    assertThat(ids(table)).isEqualTo(remaining);
  }

  @Test
  void positionsOutsideTheFileAreRefused() {
    Table table = table(2, "parquet");
    FileScanTask task = Tables.plan(table).get(0);
    try (RowDeleteWriter writer = RowDeleteWriter.open(table)) {
      DataWriterTest.assertInvalid(() -> writer.delete(task, 100), "expected 0 to 99, got 100");
      DataWriterTest.assertInvalid(() -> writer.delete(task, -1), "got -1");
    }
  }

  @Test
  void versionOneIsRefusedWithTheRemedy() {
    Table table = Tables.create(SCHEMA, PartitionSpec.unpartitioned(), "format-version", "1");
    DataWriterTest.assertInvalid(() -> RowDeleteWriter.open(table), "upgrade the table");
  }

  @ParameterizedTest
  @CsvSource({"2", "3"})
  void everyFailingStoreCallLeavesNoFile(int version) {
    Table table = table(version, "parquet");
    int failures = 0;
    for (int nth = 1; nth < 200; nth++) {
      FailingIo io = new FailingIo(table.io()).failAt(nth);
      boolean failed = false;
      try (RowDeleteWriter writer = RowDeleteWriter.open(io.table(table))) {
        for (FileScanTask task : Tables.plan(table)) {
          writer.delete(task, 3);
        }
        writer.complete();
      } catch (FirnException e) {
        failed = true;
        assertThat(e.kind()).isEqualTo(ErrorKind.UNAVAILABLE);
      }
      if (!failed) {
        break;
      }
      failures++;
      assertThat(io.existing()).isEmpty();
    }
    assertThat(failures).isGreaterThan(3);
  }
}
