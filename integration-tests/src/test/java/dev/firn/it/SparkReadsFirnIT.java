package dev.firn.it;

import static org.apache.iceberg.expressions.Expressions.equal;
import static org.apache.iceberg.expressions.Expressions.greaterThanOrEqual;
import static org.apache.iceberg.expressions.Expressions.lessThan;
import static org.apache.iceberg.types.Types.NestedField.optional;
import static org.apache.iceberg.types.Types.NestedField.required;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.LakeTable;
import dev.firn.TableDefinition;
import dev.firn.TableWriter;
import dev.firn.Terms;
import dev.firn.testing.SparkProcess;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.StructType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What Firn writes, Spark and plain Iceberg read as the same rows. */
@ExtendWith(SparkProcess.Shared.class)
class SparkReadsFirnIT {
  private static final Schema EVENTS =
      new Schema(
          required(1, "id", Types.LongType.get()),
          optional(2, "name", Types.StringType.get()),
          optional(3, "day", Types.DateType.get()),
          optional(4, "at", Types.TimestampType.withZone()),
          optional(5, "amount", Types.DecimalType.of(12, 2)));

  @TempDir static Path directory;
  private static SharedLake shared;

  @BeforeAll
  static void open(SparkProcess spark) {
    shared = SharedLake.onSqlite(spark, directory);
  }

  @AfterAll
  static void close() {
    shared.close();
  }

  private static LakeTable events(String name, Consumer<TableDefinition> layout) {
    LakeTable table = shared.lake().createTable("it." + name, EVENTS, layout);
    append(table, 0, 40);
    return table;
  }

  private static void append(LakeTable table, int from, int to) {
    try (TableWriter writer = table.append()) {
      for (int i = from; i < to; i++) {
        writer.write(event(writer.schema(), i));
      }
      writer.commit();
    }
  }

  private static Record event(Schema schema, int i) {
    Record row = GenericRecord.create(schema);
    row.setField(
        "id",
        schema.findType("id").typeId() == Types.LongType.get().typeId() ? (Object) (long) i : i);
    row.setField("name", i % 7 == 0 ? null : "näme " + i % 5);
    row.setField("day", i % 11 == 0 ? null : LocalDate.of(1969, 12, 20).plusDays(i * 13L));
    row.setField(
        "at",
        LocalDateTime.of(1969, 12, 31, 22, 0).plusMinutes(i * 7777L).atOffset(ZoneOffset.UTC));
    row.setField("amount", new BigDecimal(i * 37 - 400).movePointLeft(2));
    return row;
  }

  private static void expect(LakeTable table, int rows) throws IOException {
    assertThat(shared.agreed(table)).hasSize(rows);
  }

  @Test
  void everyTypeThatSparkHas() throws IOException {
    StructType inner =
        StructType.of(
            optional(20, "a", Types.IntegerType.get()),
            optional(21, "b c", Types.StringType.get()));
    Schema schema =
        new Schema(
            required(1, "bool", Types.BooleanType.get()),
            optional(2, "int", Types.IntegerType.get()),
            optional(3, "long", Types.LongType.get()),
            optional(4, "float", Types.FloatType.get()),
            optional(5, "double", Types.DoubleType.get()),
            optional(6, "dec9", Types.DecimalType.of(9, 2)),
            optional(7, "dec38", Types.DecimalType.of(38, 10)),
            optional(8, "date", Types.DateType.get()),
            optional(9, "ts", Types.TimestampType.withoutZone()),
            optional(10, "tstz", Types.TimestampType.withZone()),
            optional(11, "string $ ü", Types.StringType.get()),
            optional(12, "uuid", Types.UUIDType.get()),
            optional(13, "fixed", Types.FixedType.ofLength(3)),
            optional(14, "binary", Types.BinaryType.get()),
            optional(15, "struct", inner),
            optional(16, "list", Types.ListType.ofOptional(22, Types.LongType.get())),
            optional(
                17,
                "map",
                Types.MapType.ofOptional(23, 24, Types.StringType.get(), Types.DoubleType.get())),
            optional(
                18,
                "deep",
                Types.ListType.ofOptional(
                    25,
                    Types.MapType.ofOptional(
                        26,
                        27,
                        Types.IntegerType.get(),
                        StructType.of(
                            optional(
                                28, "l", Types.ListType.ofOptional(29, Types.DateType.get())))))));
    LakeTable table = shared.lake().createTable("it.types", schema);
    try (TableWriter writer = table.append()) {
      writer.write(full(writer.schema()));
      Record nulls = GenericRecord.create(writer.schema());
      nulls.setField("bool", false);
      writer.write(nulls);
      Record empty = full(writer.schema());
      empty.setField("float", Float.NaN);
      empty.setField("double", Double.NEGATIVE_INFINITY);
      empty.setField("string $ ü", "");
      empty.setField("binary", ByteBuffer.allocate(0));
      empty.setField("list", List.of());
      empty.setField("map", Map.of());
      empty.setField("deep", Arrays.asList((Object) null));
      writer.write(empty);
      writer.commit();
    }
    expect(table, 3);
  }

  private static Record full(Schema schema) {
    Record row = GenericRecord.create(schema);
    row.setField("bool", true);
    row.setField("int", Integer.MIN_VALUE);
    row.setField("long", Long.MAX_VALUE);
    row.setField("float", 1.5e-30f);
    row.setField("double", -0.1);
    row.setField("dec9", new BigDecimal("-1234567.89"));
    row.setField("dec38", new BigDecimal("1234567890123456789012345678.0123456789"));
    row.setField("date", LocalDate.of(1901, 2, 3));
    row.setField("ts", LocalDateTime.of(1969, 12, 31, 23, 59, 59, 999_999_000));
    row.setField("tstz", LocalDateTime.of(2038, 1, 19, 3, 14, 8, 1_000).atOffset(ZoneOffset.UTC));
    row.setField("string $ ü", "snow ☃ 𝄞 'quoted'");
    row.setField("uuid", UUID.fromString("00112233-4455-6677-8899-aabbccddeeff"));
    row.setField("fixed", new byte[] {0, -1, 127});
    row.setField("binary", ByteBuffer.wrap(new byte[] {-128, 0, 1}));
    Record struct = GenericRecord.create(schema.findType("struct").asStructType());
    struct.setField("b c", "x");
    row.setField("struct", struct);
    row.setField("list", Arrays.asList(1L, null, -3L));
    Map<String, Object> map = new HashMap<>();
    map.put("pi", 3.14);
    map.put("none", null);
    row.setField("map", map);
    Record days =
        GenericRecord.create(
            schema
                .findType("deep")
                .asListType()
                .elementType()
                .asMapType()
                .valueType()
                .asStructType());
    days.setField("l", List.of(LocalDate.EPOCH));
    row.setField("deep", List.of(Map.of(7, days)));
    return row;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "id",
        "name",
        "day",
        "bucket(4, id)",
        "bucket(3, name)",
        "truncate(3, name)",
        "truncate(10, id)",
        "truncate(100, amount)",
        "year(day)",
        "month(day)",
        "day(day)",
        "year(at)",
        "month(at)",
        "day(at)",
        "hour(at)"
      })
  void everyTransform(String transform) throws IOException {
    String name = "by_" + transform.replaceAll("\\W+", "_");
    LakeTable table = events(name, layout -> layout.partitionBy(Terms.parse(transform)));
    expect(table, 40);
    assertThat(
            shared.spark(
                "select count(*) from %s.it." + name + " where id < 10 and name is not null"))
        .containsExactly("(8)");
  }

  @Test
  void evolvedSchemaAndSpec() throws IOException {
    Schema narrow =
        new Schema(
            required(1, "id", Types.IntegerType.get()),
            optional(2, "name", Types.StringType.get()),
            optional(3, "day", Types.DateType.get()),
            optional(4, "at", Types.TimestampType.withZone()),
            optional(5, "amount", Types.DecimalType.of(9, 2)));
    LakeTable table = shared.lake().createTable("it.evolved", narrow);
    append(table, 0, 20);
    table
        .evolve()
        .widenColumn("id", Types.LongType.get())
        .widenColumn("amount", Types.DecimalType.of(20, 2))
        .addColumn("note", Types.StringType.get())
        .addPartition(Terms.parse("month(day)"))
        .commit();
    append(table, 20, 40);
    table.evolve().renameColumn("note", "remark").commit();
    table.evolve().moveFirst("remark").commit();
    expect(table, 40);
    table.evolve().dropColumn("remark").addPartition(Terms.parse("bucket(2, id)")).commit();
    append(table, 40, 60);
    table.evolve().addColumn("remark", Types.IntegerType.get()).commit();
    expect(table, 60);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void deletesOverwritesAndCompactions(int version) throws IOException {
    LakeTable table =
        events(
            "deletes_v" + version,
            layout -> layout.formatVersion(version).partitionBy(Terms.parse("bucket(2, id)")));
    append(table, 40, 80);
    table.delete(equal("name", "näme 3"));
    List<String> deleted = shared.agreed(table);
    assertThat(deleted).hasSizeBetween(60, 70).noneMatch(row -> row.contains("näme 3"));
    table.delete(lessThan("id", 5L));
    List<String> twice = shared.agreed(table);
    assertThat(twice).hasSize(deleted.size() - 4);
    try (TableWriter writer = table.overwrite(greaterThanOrEqual("id", 70L))) {
      writer.write(event(writer.schema(), 1000));
      writer.commit();
    }
    List<String> overwritten = shared.agreed(table);
    assertThat(overwritten).anyMatch(row -> row.startsWith("(1000,"));
    table.compact().everything().run();
    assertThat(shared.agreed(table)).isEqualTo(overwritten);
  }

  @Test
  void deletesAreFilesOfTheFormatsKind() {
    for (int version : new int[] {2, 3}) {
      String name = "kinds_v" + version;
      LakeTable table = events(name, layout -> layout.formatVersion(version));
      table.delete(equal("id", 7L));
      assertThat(shared.spark("select file_format from %s.it." + name + ".delete_files"))
          .containsExactly(version == 2 ? "('PARQUET')" : "('PUFFIN')");
    }
  }

  @Test
  void readsThePastAlike() {
    LakeTable table = events("past", layout -> {});
    long first = table.snapshots().get(0).id();
    table.delete(lessThan("id", 30L));
    assertThat(shared.spark("select count(*) from %s.it.past version as of " + first))
        .containsExactly("(40)");
    assertThat(table.scan().asOfSnapshot(first).count()).isEqualTo(40);
    assertThat(shared.spark("select count(*) from %s.it.past")).containsExactly("(10)");
  }
}
