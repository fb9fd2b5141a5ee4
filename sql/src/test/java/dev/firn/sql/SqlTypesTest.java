package dev.firn.sql;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.LakeTable;
import dev.firn.Lakehouse;
import dev.firn.TableWriter;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every Iceberg type goes through SQL and comes back as the value that it was. */
class SqlTypesTest {
  private static final UUID ID = UUID.fromString("80112233-4455-6677-8899-aabbccddeeff");

  @TempDir static Path directory;
  private static Lakehouse lake;
  private static LakeTable table;
  private static SqlSession sql;
  private static Record full;

  @BeforeAll
  static void open() {
    lake = Lakehouse.open(directory.resolve("warehouse"));
    Types.StructType struct =
        Types.StructType.of(
            NestedField.optional(40, "a", Types.IntegerType.get()),
            NestedField.optional(41, "B b", Types.StringType.get()));
    table =
        lake.createTable(
            "it.types",
            new Schema(
                column(1, "bool", Types.BooleanType.get()),
                column(2, "int", Types.IntegerType.get()),
                column(3, "long", Types.LongType.get()),
                column(4, "float", Types.FloatType.get()),
                column(5, "double", Types.DoubleType.get()),
                column(6, "dec9", Types.DecimalType.of(9, 2)),
                column(7, "dec38", Types.DecimalType.of(38, 10)),
                column(8, "date", Types.DateType.get()),
                column(9, "time", Types.TimeType.get()),
                column(10, "ts", Types.TimestampType.withoutZone()),
                column(11, "tstz", Types.TimestampType.withZone()),
                column(12, "tsn", Types.TimestampNanoType.withoutZone()),
                column(13, "tstzn", Types.TimestampNanoType.withZone()),
                column(14, "string $ ü", Types.StringType.get()),
                column(15, "uuid", Types.UUIDType.get()),
                column(16, "fixed", Types.FixedType.ofLength(3)),
                column(17, "binary", Types.BinaryType.get()),
                column(18, "struct", struct),
                column(19, "list", Types.ListType.ofOptional(42, Types.LongType.get())),
                column(
                    20,
                    "map",
                    Types.MapType.ofOptional(43, 44, Types.StringType.get(), struct(45)))),
            layout -> layout.formatVersion(3));
    full = full(table.schema());
    try (TableWriter writer = table.append()) {
      writer.write(full);
      writer.write(GenericRecord.create(table.schema()));
      writer.commit();
    }
    sql = SqlSession.open(lake, SqlOptions.DEFAULT.threads(2));
  }

  private static NestedField column(int id, String name, Type type) {
    return NestedField.optional(id, name, type);
  }

  private static Types.StructType struct(int id) {
    return Types.StructType.of(column(id, "d", Types.DecimalType.of(20, 3)));
  }

  private static Record full(Schema schema) {
    Record row = GenericRecord.create(schema);
    LocalDateTime moment = LocalDateTime.of(1969, 12, 31, 23, 59, 59, 123_456_789);
    LocalDateTime micros = moment.withNano(123_456_000);
    row.setField("bool", true);
    row.setField("int", Integer.MIN_VALUE);
    row.setField("long", Long.MAX_VALUE);
    row.setField("float", Float.NaN);
    row.setField("double", -0.1);
    row.setField("dec9", new BigDecimal("-1234567.89"));
    row.setField("dec38", new BigDecimal("1234567890123456789012345678.0123456789"));
    row.setField("date", LocalDate.of(1901, 2, 3));
    row.setField("time", LocalTime.of(23, 59, 59, 999_999_000));
    row.setField("ts", micros);
    row.setField("tstz", micros.atOffset(ZoneOffset.UTC));
    row.setField("tsn", moment);
    row.setField("tstzn", moment.atOffset(ZoneOffset.UTC));
    row.setField("string $ ü", "snow ☃ 𝄞 'quoted'");
    row.setField("uuid", ID);
    row.setField("fixed", new byte[] {0, -1, 127});
    row.setField("binary", ByteBuffer.wrap(new byte[] {-128, 0, 1}));
    Record struct = GenericRecord.create(schema.findType("struct").asStructType());
    struct.setField("B b", "x");
    row.setField("struct", struct);
    row.setField("list", Arrays.asList(1L, null, -3L));
    Record value =
        GenericRecord.create(schema.findType("map").asMapType().valueType().asStructType());
    value.setField("d", new BigDecimal("12345678901234567.890"));
    Map<String, Object> map = new HashMap<>();
    map.put("k", value);
    map.put("none", null);
    row.setField("map", map);
    return row;
  }

  @AfterAll
  static void close() {
    sql.close();
    assertThat(lake.allocator().getAllocatedMemory()).isZero();
    lake.close();
  }

  @Test
  void comesBackAsItWas() {
    for (String query :
        List.of(
            "select * from it.types where bool",
            "select a.* from it.types a join it.types b using (uuid) where a.bool")) {
      try (SqlResult result = sql.query(query)) {
        Record row = result.next();
        for (NestedField column : table.schema().columns()) {
          assertThat(shown(row.getField(column.name())))
              .as(column.name() + " of " + query)
              .isEqualTo(shown(full.getField(column.name())));
        }
        assertThat(result.hasNext()).isFalse();
      }
    }
  }

  @Test
  void keepsTypesButFixedWhichIsBinary() {
    try (SqlResult result = sql.query("select * exclude (struct, list, map) from it.types")) {
      for (NestedField column : result.schema().columns()) {
        Type was = table.schema().findType(column.name());
        assertThat(column.type())
            .as(column.name())
            .isEqualTo(column.name().equals("fixed") ? Types.BinaryType.get() : was);
      }
    }
  }

  @Test
  void nullsStayNull() {
    try (SqlResult result = sql.query("select * from it.types where bool is null")) {
      Record row = result.next();
      for (int i = 0; i < table.schema().columns().size(); i++) {
        assertThat(row.get(i)).isNull();
      }
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "int = -2147483648",
        "isnan(float)",
        "dec38 > 1234567890123456789012345678.01",
        "date = date '1901-02-03'",
        "time = time '23:59:59.999999'",
        "ts < timestamp '1970-01-01'",
        "tstz = timestamptz '1970-01-01 01:59:59.123456+02'",
        "tsn = timestamp_ns '1969-12-31 23:59:59.123456789'",
        "uuid = '80112233-4455-6677-8899-aabbccddeeff'",
        "fixed = '\\x00\\xFF\\x7F'::blob",
        "struct.\"B b\" = 'x'",
        "list[3] = -3",
        "map['k'].d > 1",
        "\"string $ ü\" like 'snow%'"
      })
  void comparesByValue(String predicate) {
    try (SqlResult result = sql.query("select count(*) from it.types where " + predicate)) {
      assertThat(result.next().get(0)).isEqualTo(1L);
    }
  }

  private static String shown(Object value) {
    if (value instanceof byte[] bytes) {
      return Arrays.toString(bytes);
    }
    if (value instanceof ByteBuffer buffer) {
      byte[] bytes = new byte[buffer.remaining()];
      buffer.duplicate().get(bytes);
      return Arrays.toString(bytes);
    }
    return value instanceof Map<?, ?> map ? new TreeMap<>(map).toString() : String.valueOf(value);
  }
}
