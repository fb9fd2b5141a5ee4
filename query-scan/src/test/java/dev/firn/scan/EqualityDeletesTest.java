package dev.firn.scan;

import static dev.firn.testing.TableFixture.append;
import static dev.firn.testing.TableFixture.deleteEqual;
import static dev.firn.testing.TableFixture.row;
import static org.apache.iceberg.expressions.Expressions.alwaysTrue;
import static org.apache.iceberg.expressions.Expressions.greaterThan;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.testing.TableFixture;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Equality deletes on keys of every type and shape. */
class EqualityDeletesTest {
  private final TableFixture fixture = TableFixture.open();

  @AfterEach
  void close() {
    fixture.close();
  }

  static Stream<Arguments> keys() {
    LocalDateTime time = LocalDateTime.of(2026, 2, 3, 4, 5, 6, 789_000);
    UUID uuid = UUID.fromString("00112233-4455-6677-8899-aabbccddeeff");
    return Stream.of(
        Arguments.of(Types.BooleanType.get(), true, false),
        Arguments.of(Types.IntegerType.get(), 7, -7),
        Arguments.of(Types.LongType.get(), 1L << 40, -1L),
        Arguments.of(Types.FloatType.get(), 1.5f, Float.NaN),
        Arguments.of(Types.DoubleType.get(), Double.NaN, -0.5),
        Arguments.of(Types.DateType.get(), time.toLocalDate(), LocalDate.EPOCH),
        Arguments.of(Types.TimeType.get(), time.toLocalTime(), LocalTime.NOON),
        Arguments.of(Types.TimestampType.withoutZone(), time, time.plusDays(1)),
        Arguments.of(
            Types.TimestampType.withZone(),
            time.atOffset(ZoneOffset.UTC),
            time.plusDays(1).atOffset(ZoneOffset.UTC)),
        Arguments.of(Types.TimestampNanoType.withoutZone(), time.plusNanos(1), time),
        Arguments.of(Types.StringType.get(), "é𝄞", ""),
        Arguments.of(Types.UUIDType.get(), uuid, new UUID(1, 2)),
        Arguments.of(Types.FixedType.ofLength(3), new byte[] {1, -2, 3}, new byte[] {0, 0, 0}),
        Arguments.of(
            Types.BinaryType.get(),
            ByteBuffer.wrap(new byte[] {1, -2}),
            ByteBuffer.wrap(new byte[0])),
        Arguments.of(Types.DecimalType.of(9, 2), new BigDecimal("12.34"), new BigDecimal("-1.00")),
        Arguments.of(
            Types.DecimalType.of(18, 3), new BigDecimal("1.234"), new BigDecimal("-1.000")),
        Arguments.of(
            Types.DecimalType.of(38, 10),
            new BigDecimal("1234567890123456789012345678.0123456789"),
            new BigDecimal("-1.0000000000")));
  }

  @ParameterizedTest
  @MethodSource("keys")
  void keysOfEveryTypeAreFound(Type type, Object deleted, Object kept) {
    Schema schema =
        new Schema(
            Types.NestedField.required(1, "id", Types.LongType.get()),
            Types.NestedField.optional(2, "k", type));
    Schema key = schema.select("k");
    for (FileFormat format : List.of(FileFormat.PARQUET, FileFormat.AVRO, FileFormat.ORC)) {
      if (format == FileFormat.ORC && type.typeId() == Type.TypeID.TIMESTAMP_NANO) {
        // Iceberg 1.11.0's ORC writer records wrong bounds, by which its planning drops the delete.
        continue;
      }
      Table table = fixture.create(schema, 3);
      append(table, format, row(schema, 1L, deleted), row(schema, 2L, kept), row(schema, 3L, null));

      deleteEqual(table, key, null, row(key, deleted));
      assertThat(Scans.column(table, alwaysTrue(), "id")).as(format.name()).containsExactly(2L, 3L);

      deleteEqual(table, key, null, row(key, (Object) null));
      assertThat(Scans.column(table, alwaysTrue(), "id")).as(format.name()).containsExactly(2L);
    }
  }

  @Test
  void keysOfSeveralFieldsAndOfDifferentFilesEachApply() {
    Schema schema =
        new Schema(
            Types.NestedField.required(1, "id", Types.LongType.get()),
            Types.NestedField.optional(2, "a", Types.IntegerType.get()),
            Types.NestedField.optional(3, "b", Types.StringType.get()));
    Table table = fixture.create(schema, 2);
    Record[] rows = {
      row(schema, 1L, 1, "x"),
      row(schema, 2L, 1, "y"),
      row(schema, 3L, 2, "x"),
      row(schema, 4L, null, "x"),
      row(schema, 5L, 2, null)
    };
    append(table, rows);
    Schema both = schema.select("a", "b");
    deleteEqual(table, both, null, row(both, 1, "x"), row(both, null, "x"));
    Schema b = schema.select("b");
    deleteEqual(table, b, null, row(b, "y"), row(b, "z"));
    deleteEqual(table, both, null, row(both, 2, null));

    assertThat(Scans.column(table, alwaysTrue(), "id")).containsExactly(3L);
    assertThat(Scans.column(table, greaterThan("a", 1), "b")).containsExactly("x");
    append(table, row(schema, 6L, 1, "x"));
    assertThat(Scans.column(table, alwaysTrue(), "id")).containsExactlyInAnyOrder(3L, 6L);
  }

  @Test
  void aWidenedKeyMatchesWhatWasWrittenNarrow() {
    Schema schema =
        new Schema(
            Types.NestedField.required(1, "id", Types.LongType.get()),
            Types.NestedField.optional(2, "k", Types.IntegerType.get()));
    Table table = fixture.create(schema, 2);
    append(table, row(schema, 1L, 1), row(schema, 2L, 2), row(schema, 3L, 3));
    deleteEqual(table, schema.select("k"), null, row(schema.select("k"), 1));
    table.updateSchema().updateColumn("k", Types.LongType.get()).commit();
    Schema wide = table.schema().select("k");
    deleteEqual(table, wide, null, row(wide, 2L));

    assertThat(Scans.column(table, alwaysTrue(), "id")).containsExactly(3L);
  }

  @Test
  void aKeyThatIsAPartitionValueIsFoundThoughFilesNeedNotHoldIt() {
    Schema schema =
        new Schema(
            Types.NestedField.required(1, "id", Types.LongType.get()),
            Types.NestedField.optional(2, "k", Types.IntegerType.get()));
    Table table = fixture.create(schema, 2);
    table.updateSpec().addField("k").commit();
    append(table, row(schema, 1L, 1), row(schema, 2L, 2), row(schema, 3L, null));
    deleteEqual(
        table,
        schema.select("k"),
        null,
        row(schema.select("k"), 1),
        row(schema.select("k"), (Object) null));

    assertThat(table.spec()).isNotEqualTo(PartitionSpec.unpartitioned());
    assertThat(Scans.column(table, alwaysTrue(), "id")).containsExactly(2L);
  }
}
