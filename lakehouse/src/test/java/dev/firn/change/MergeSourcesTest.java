package dev.firn.change;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.LakeTable;
import dev.firn.Lakehouse;
import dev.firn.TableWriter;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Keys of every type, and sources of every kind. */
class MergeSourcesTest {
  private static final LocalDateTime MOMENT = LocalDateTime.of(2026, 1, 2, 3, 4, 5, 678_000);
  private static final int ROWS = 5;

  private static final Schema SCHEMA =
      new Schema(
          Types.NestedField.optional(1, "flag", Types.BooleanType.get()),
          Types.NestedField.optional(2, "int", Types.IntegerType.get()),
          Types.NestedField.optional(3, "long", Types.LongType.get()),
          Types.NestedField.optional(4, "float", Types.FloatType.get()),
          Types.NestedField.optional(5, "double", Types.DoubleType.get()),
          Types.NestedField.optional(6, "decimal", Types.DecimalType.of(20, 2)),
          Types.NestedField.optional(7, "date", Types.DateType.get()),
          Types.NestedField.optional(8, "time", Types.TimeType.get()),
          Types.NestedField.optional(9, "ts", Types.TimestampType.withoutZone()),
          Types.NestedField.optional(10, "tstz", Types.TimestampType.withZone()),
          Types.NestedField.optional(11, "ns", Types.TimestampNanoType.withoutZone()),
          Types.NestedField.optional(12, "text", Types.StringType.get()),
          Types.NestedField.optional(13, "uuid", Types.UUIDType.get()),
          Types.NestedField.optional(14, "fixed", Types.FixedType.ofLength(3)),
          Types.NestedField.optional(15, "binary", Types.BinaryType.get()),
          Types.NestedField.optional(16, "n", Types.IntegerType.get()));

  @TempDir Path directory;
  private Lakehouse lake;
  private LakeTable table;

  @BeforeEach
  void open() {
    lake = Lakehouse.open(directory.resolve("lake"));
    table = lake.createTable("a.t", SCHEMA, t -> t.formatVersion(3));
    try (TableWriter writer = table.append()) {
      for (int i = 0; i < ROWS; i++) {
        writer.write(row(i));
      }
      writer.write((Record) GenericRecord.create(SCHEMA));
      writer.commit();
    }
  }

  @AfterEach
  void close() {
    lake.close();
  }

  private static Record row(int i) {
    Record row = GenericRecord.create(SCHEMA);
    Object[] values = {
      i > 1 ? null : (Object) (i == 0),
      i - 2,
      i * 10_000_000_000L,
      i == 0 ? Float.NaN : i == 1 ? -0.0f : i - 2.0f,
      i == 0 ? Double.NaN : i == 1 ? -0.0 : i - 2.0,
      new BigDecimal(i - 2 + ".25"),
      LocalDate.of(1969, 12, 30).plusDays(i),
      LocalTime.of(i, 1, 2),
      MOMENT.minusYears(30L * i),
      OffsetDateTime.of(MOMENT, ZoneOffset.UTC).plusHours(i),
      MOMENT.plusNanos(i),
      "é".repeat(i),
      new UUID(i * 0x7000_0000_0000_0000L, -i),
      new byte[] {(byte) i, (byte) -i, 0},
      ByteBuffer.wrap(new byte[i]),
      0
    };
    for (int c = 0; c < values.length; c++) {
      row.set(c, values[c]);
    }
    return row;
  }

  private static TableMerge count(TableMerge merge, String key) {
    return merge
        .on(key)
        .whenMatched()
        .update(v -> v.set("n", (row, from) -> (Integer) row.getField("n") + 1));
  }

  @Test
  void matchesKeysOfEveryType() {
    int rounds = 0;
    for (Types.NestedField key : SCHEMA.columns().subList(0, 15)) {
      ChangeReceipt receipt = count(table.merge(table.scan()), key.name()).run();
      boolean flag = key.name().equals("flag");
      assertThat(receipt.updated()).as(key.name()).isEqualTo(flag ? 2 : ROWS);
      rounds += flag ? 0 : 1;
    }
    int all = rounds;
    assertThat(table.scan().select("n").toList().stream().map(row -> row.get(0)).toList())
        .containsExactlyInAnyOrder(all + 1, all + 1, all, all, all, null);
  }

  @Test
  void readsArrowBatches() throws IOException {
    try (ArrowReader batches = table.scan().openArrow(lake.allocator(), 2)) {
      assertThat(count(table.merge(batches), "uuid").run().updated()).isEqualTo(ROWS);
    }
  }

  @Test
  void insertsNullKeysAndChangesNothingWithoutASource() {
    ChangeReceipt receipt = table.merge(table.scan()).on("int").whenNotMatched().insertAll().run();
    assertThat(receipt.inserted()).isEqualTo(1);
    assertThat(table.scan().count()).isEqualTo(ROWS + 2);
    assertThat(table.merge(List.of()).on("int").whenMatched().delete().run().commit()).isEmpty();
  }

  @Test
  void replacesWrittenPartitionsAlone() {
    table.evolve().addPartition(org.apache.iceberg.expressions.Expressions.ref("int")).commit();
    for (int round = 0; round < 2; round++) {
      try (TableWriter writer = table.overwritePartitions()) {
        writer.write(row(3));
        writer.write((Record) GenericRecord.create(SCHEMA));
        writer.commit();
      }
      assertThat(table.scan().select("int").toList().stream().map(row -> row.get(0)).toList())
          .containsExactlyInAnyOrder(-2, -1, 0, 1, 2, null);
    }
    try (TableWriter writer = table.overwritePartitions()) {
      assertThatThrownBy(writer::commit).hasMessageContaining("no row was written");
    }
  }

  @Test
  void refusesWhatItCannotMerge() {
    Map<String, TableMerge> wrong =
        Map.of(
            "no clause", table.merge(table.scan()).on("int"),
            "no key is named", table.merge(table.scan()).whenMatched().delete(),
            "no top-level column 'itn'", table.merge(table.scan()).on("itn").whenMatched().delete(),
            "the source has no key column 'int'",
                table.merge(table.scan().select("n")).on("int").whenMatched().delete(),
            "the source has no column 'm'",
                table.merge(table.scan()).on("int").whenMatched().update(v -> v.setFrom("n", "m")),
            "bad condition",
                table
                    .merge(table.scan())
                    .on("int")
                    .whenMatched(org.apache.iceberg.expressions.Expressions.equal("source.x", 1))
                    .delete());
    wrong.forEach(
        (reason, merge) -> assertThatThrownBy(merge::run).as(reason).hasMessageContaining(reason));
  }
}
