package dev.firn.scan;

import static dev.firn.testing.TableFixture.row;
import static org.apache.iceberg.expressions.Expressions.alwaysTrue;
import static org.apache.iceberg.expressions.Expressions.greaterThan;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import dev.firn.testing.TableFixture;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.apache.iceberg.AppendFiles;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.NullOrder;
import org.apache.iceberg.Schema;
import org.apache.iceberg.SortOrder;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Sorted files, merged. */
class SortedScanTest {
  private static final Schema SCHEMA =
      new Schema(
          Types.NestedField.required(1, "id", Types.LongType.get()),
          Types.NestedField.optional(2, "name", Types.StringType.get()),
          Types.NestedField.optional(3, "d", Types.DoubleType.get()));
  private static final Comparator<Record> ORDER =
      Comparator.<Record, Double>comparing(
              row -> (Double) row.get(2), Comparator.nullsLast(Comparator.reverseOrder()))
          .thenComparing(row -> (Long) row.get(0));

  private final TableFixture fixture = TableFixture.open();
  private final Random random = new Random(1);

  @AfterEach
  void close() {
    fixture.close();
  }

  private Table sortedTable() {
    Table table = fixture.create(SCHEMA, 2);
    table.replaceSortOrder().desc("d", NullOrder.NULLS_LAST).asc("id").commit();
    return table;
  }

  private List<Record> rows(int count, long from) {
    List<Record> rows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Double d =
          switch (random.nextInt(5)) {
            case 0 -> null;
            case 1 -> Double.NaN;
            case 2 -> -0.0;
            default -> (double) random.nextInt(3);
          };
      rows.add(row(SCHEMA, from + i, "n" + i, d));
    }
    return rows;
  }

  private static void append(Table table, FileFormat format, List<Record> rows, SortOrder order) {
    AppendFiles append = table.newAppend();
    for (DataFile file : TableFixture.write(table, format, rows)) {
      append.appendFile(DataFiles.builder(table.spec()).copy(file).withSortOrder(order).build());
    }
    append.commit();
  }

  private static ScanRequest sorted(ScanRequest request) {
    return request.arrival(ScanRequest.Arrival.SORTED);
  }

  @Test
  void mergesSortedFilesWhateverIsSelected() {
    Table table = sortedTable();
    List<Record> all = new ArrayList<>();
    FileFormat[] formats = {FileFormat.PARQUET, FileFormat.AVRO, FileFormat.ORC};
    for (int file = 0; file < 6; file++) {
      List<Record> rows = rows(1500, file * 10_000L);
      rows.sort(ORDER);
      append(table, formats[file % 3], rows, table.sortOrder());
      all.addAll(rows);
    }
    all.sort(ORDER);

    List<List<Object>> expected = all.stream().map(Scans::values).toList();
    assertThat(Scans.rows(table, sorted(ScanRequest.EVERYTHING))).isEqualTo(expected);
    assertThat(Scans.rows(table, sorted(Scans.where(alwaysTrue(), "name"))))
        .isEqualTo(expected.stream().map(row -> Arrays.asList(row.get(1))).toList());
    assertThat(Scans.rows(table, sorted(ScanRequest.EVERYTHING.limit(7))))
        .isEqualTo(expected.subList(0, 7));
    assertThat(Scans.rows(table, sorted(Scans.where(greaterThan("id", 30_000L), "id"))))
        .isEqualTo(
            expected.stream()
                .map(row -> row.subList(0, 1))
                .filter(row -> (Long) row.get(0) > 30_000L)
                .toList());
  }

  @Test
  void aLongerOrderThatBeginsWithTheTablesWillDo() {
    Table table = sortedTable();
    SortOrder longer = table.sortOrder();
    List<Record> rows = rows(20, 0);
    rows.sort(ORDER);
    append(table, FileFormat.PARQUET, rows, longer);
    table.replaceSortOrder().desc("d", NullOrder.NULLS_LAST).commit();

    assertThat(Scans.rows(table, sorted(ScanRequest.EVERYTHING)))
        .isEqualTo(rows.stream().map(Scans::values).toList());
  }

  @Test
  void saysWhatIsMissing() {
    Table unsorted = fixture.create(SCHEMA, 2);
    refused(unsorted, ErrorKind.INVALID, "it has no sort order");

    Table table = sortedTable();
    append(table, FileFormat.PARQUET, rows(3, 0), SortOrder.unsorted());
    refused(table, ErrorKind.INVALID, "has sort order 0, expected 1", "compact the table");

    Table wrong = sortedTable();
    List<Record> rows = rows(50, 0);
    rows.sort(ORDER.reversed());
    append(wrong, FileFormat.PARQUET, rows, wrong.sortOrder());
    refused(wrong, ErrorKind.CORRUPT, "said to be sorted and is not");
  }

  private static void refused(Table table, ErrorKind kind, String... parts) {
    assertThatThrownBy(() -> Scans.rows(table, sorted(ScanRequest.EVERYTHING)))
        .isInstanceOfSatisfying(FirnException.class, e -> assertThat(e.kind()).isEqualTo(kind))
        .hasMessageContainingAll(parts);
  }
}
