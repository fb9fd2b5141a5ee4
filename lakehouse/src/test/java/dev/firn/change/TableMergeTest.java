package dev.firn.change;

import static org.apache.iceberg.expressions.Expressions.and;
import static org.apache.iceberg.expressions.Expressions.equal;
import static org.apache.iceberg.expressions.Expressions.greaterThan;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.LakeTable;
import dev.firn.Lakehouse;
import dev.firn.TableWriter;
import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TableMergeTest {
  static final Schema SCHEMA =
      new Schema(
          Types.NestedField.required(1, "id", Types.LongType.get()),
          Types.NestedField.optional(2, "status", Types.StringType.get()),
          Types.NestedField.optional(3, "total", Types.DoubleType.get()));

  record Order(long id, String status, Double total) {}

  record Change(int id, String status, String op) {}

  @TempDir Path directory;
  Lakehouse lake;

  @BeforeEach
  void open() {
    lake = Lakehouse.open(directory.resolve("lake"));
  }

  @AfterEach
  void close() {
    lake.close();
  }

  LakeTable table(int version, String mode, Order... rows) {
    LakeTable table =
        lake.createTable(
            "shop.orders",
            SCHEMA,
            t ->
                t.formatVersion(version)
                    .property("write.merge.mode", mode)
                    .property("write.update.mode", mode)
                    .property("write.delete.mode", mode));
    append(table, rows);
    return table;
  }

  static void append(LakeTable table, Order... rows) {
    try (TableWriter writer = table.append()) {
      writer.writeAll(List.of(rows));
      writer.commit();
    }
  }

  static List<Order> rows(LakeTable table) {
    return table.scan().toList(Order.class).stream()
        .sorted(java.util.Comparator.comparingLong(Order::id))
        .toList();
  }

  @ParameterizedTest
  @CsvSource({
    "1, copy-on-write",
    "2, copy-on-write",
    "2, merge-on-read",
    "3, copy-on-write",
    "3, merge-on-read"
  })
  void updatesInsertsAndDeletesInOneCommit(int version, String mode) {
    LakeTable table =
        table(
            version,
            mode,
            new Order(1, "new", 1.0),
            new Order(2, "new", 2.0),
            new Order(3, "new", 3.0),
            new Order(4, "old", 4.0));
    int before = table.snapshots().size();
    TableMerge merge =
        table
            .merge(
                List.of(
                    new Change(1, "paid", "u"),
                    new Change(2, null, "d"),
                    new Change(3, "x", "i"),
                    new Change(9, "fresh", "u")))
            .on("id")
            .whenMatched(equal("source.op", "d"))
            .delete()
            .whenMatched((row, from) -> from.getField("op").equals("u"))
            .update(
                v ->
                    v.setFrom("status", "status")
                        .set("total", (row, from) -> (Double) row.getField("total") + 10))
            .whenNotMatched()
            .insertAll()
            .whenNotMatchedBySource(and(equal("target.status", "old"), greaterThan("total", 1.0)))
            .update(v -> v.set("status", "older"));
    ChangeReceipt receipt = merge.run();
    assertThat(rows(table))
        .containsExactly(
            new Order(1, "paid", 11.0),
            new Order(3, "new", 3.0),
            new Order(4, "older", 4.0),
            new Order(9, "fresh", null));
    assertThat(receipt.inserted()).isEqualTo(1);
    assertThat(receipt.updated()).isEqualTo(2);
    assertThat(receipt.deleted()).isEqualTo(1);
    assertThat(receipt.commit()).isPresent();
    assertThat(table.snapshots()).hasSize(before + 1);
    assertThat(receipt.filesMarked()).isEqualTo(mode.equals("merge-on-read") ? 1 : 0);
    assertThat(receipt.filesRemoved()).isEqualTo(mode.equals("merge-on-read") ? 0 : 1);
  }

  @Test
  void namesTheKeyOfTwoSourceRowsForOneRow() {
    LakeTable table = table(2, "merge-on-read", new Order(1, "a", null), new Order(5, "b", null));
    assertThatThrownBy(
            () ->
                table
                    .merge(
                        List.of(
                            new Change(5, "x", "u"),
                            new Change(5, "y", "u"),
                            new Change(1, "", "")))
                    .on("id")
                    .whenMatched()
                    .updateAll()
                    .run())
        .isInstanceOfSatisfying(
            FirnException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.INVALID))
        .hasMessageContaining("two with id=5");
    assertThat(rows(table)).containsExactly(new Order(1, "a", null), new Order(5, "b", null));
  }

  @Test
  void takesTwoSourceRowsOfWhichOneApplies() {
    LakeTable table = table(3, "merge-on-read", new Order(5, "b", null));
    table
        .merge(List.of(new Change(5, "x", "u"), new Change(5, "y", "-")))
        .on("id")
        .whenMatched(equal("op", "u"))
        .updateAll()
        .run();
    assertThat(rows(table)).containsExactly(new Order(5, "x", null));
  }

  @Test
  void countsInADryRunAndWritesNothing() {
    LakeTable table = table(2, "merge-on-read", new Order(1, "a", null));
    int before = table.snapshots().size();
    ChangeReceipt receipt =
        table
            .merge(List.of(new Change(1, "x", "u"), new Change(2, "y", "u")))
            .on("id")
            .whenMatched()
            .updateAll()
            .whenNotMatched()
            .insertAll()
            .dryRun();
    assertThat(receipt.updated()).isEqualTo(1);
    assertThat(receipt.inserted()).isEqualTo(1);
    assertThat(receipt.filesMarked()).isEqualTo(1);
    assertThat(receipt.commit()).isEmpty();
    assertThat(table.snapshots()).hasSize(before);
    assertThat(rows(table)).containsExactly(new Order(1, "a", null));
  }

  @Test
  void updatesByConstantsAndFunctionsOfTheRowAsItWas() {
    LakeTable table = table(3, "merge-on-read", new Order(1, "a", 1.0), new Order(2, "b", 2.0));
    ChangeReceipt receipt =
        table
            .update(equal("id", 2L))
            .set("status", (Object) null)
            .set("total", row -> ((String) row.getField("status")).length() + 0.5)
            .run();
    assertThat(receipt.updated()).isEqualTo(1);
    assertThat(rows(table)).containsExactly(new Order(1, "a", 1.0), new Order(2, null, 1.5));
    assertThatThrownBy(() -> table.update(equal("id", 1L)).set("statsu", "x").run())
        .hasMessageContaining("no top-level column 'statsu'")
        .hasMessageContaining("status");
    assertThatThrownBy(() -> table.update(equal("id", 1L)).set("total", "x").run())
        .hasMessageContaining("column total");
  }

  @Test
  void keepsRowIdsOnV3() {
    for (String mode : List.of("merge-on-read", "copy-on-write")) {
      LakeTable table =
          lake.createTable(
              "shop." + mode.charAt(0),
              SCHEMA,
              t -> t.formatVersion(3).property("write.update.mode", mode));
      append(table, new Order(1, "a", 1.0), new Order(2, "b", 2.0), new Order(3, "c", 3.0));
      Map<Long, Long> before = lineage(table, "_row_id");
      Map<Long, Long> numbers = lineage(table, "_last_updated_sequence_number");
      table.update(equal("id", 2L)).set("status", "x").run();
      assertThat(lineage(table, "_row_id")).isEqualTo(before);
      Map<Long, Long> after = lineage(table, "_last_updated_sequence_number");
      assertThat(after.get(1L)).isEqualTo(numbers.get(1L));
      assertThat(after.get(3L)).isEqualTo(numbers.get(3L));
      assertThat(after.get(2L)).isGreaterThan(numbers.get(2L));
    }
  }

  private static Map<Long, Long> lineage(LakeTable table, String column) {
    return table.scan().select("id", column).toList().stream()
        .collect(
            java.util.stream.Collectors.toMap(row -> (Long) row.get(0), row -> (Long) row.get(1)));
  }
}
