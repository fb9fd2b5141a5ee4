package dev.firn.format.write;

import static org.apache.iceberg.types.Types.NestedField.optional;
import static org.apache.iceberg.types.Types.NestedField.required;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.format.arrow.ArrowBatchBuilder;
import dev.firn.format.arrow.RandomRows;
import dev.firn.format.arrow.Shown;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.MetadataColumns;
import org.apache.iceberg.PartitionKey;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.InternalRecordWrapper;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.transforms.Transform;
import org.apache.iceberg.transforms.Transforms;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every type and every legal transform of it, written and read back by plain Iceberg. */
class DataWriterTypesTest {
  private static Table table(Schema schema, PartitionSpec spec, String format) {
    return Tables.create(schema, spec, "format-version", "3", "write.format.default", format);
  }

  @ParameterizedTest
  @ValueSource(longs = {31, 32, 33, 34, 35, 36})
  void rowsOfRandomSchemasComeBackEqual(long seed) {
    System.out.println("seed " + seed);
    RandomRows random = new RandomRows(new Random(seed));
    for (int round = 0; round < 8; round++) {
      Schema schema = random.schema();
      Table table =
          table(schema, PartitionSpec.unpartitioned(), round % 2 == 0 ? "parquet" : "avro");
      if (onlyUnknown(table.schema())) {
        continue;
      }
      List<Record> rows = random.rows(table.schema(), 50);
      Tables.append(table, rows);
      assertThat(Shown.all(Tables.read(table)))
          .as("seed %s, schema %s", seed, schema)
          .isEqualTo(Shown.all(rows));
    }
  }

  /** Parquet has no column for unknown, and no struct without columns. */
  private static boolean onlyUnknown(Schema schema) {
    return schema.columns().stream().anyMatch(f -> empty(f.type()));
  }

  private static boolean empty(Type type) {
    if (type.isNestedType() && !type.isVariantType()) {
      return type.asNestedType().fields().stream().anyMatch(f -> empty(f.type()));
    }
    return type.typeId() == Type.TypeID.UNKNOWN;
  }

  @Test
  void unknownColumnsAreWrittenAsNulls() {
    Schema schema =
        new Schema(
            required(1, "id", Types.LongType.get()), optional(2, "u", Types.UnknownType.get()));
    for (String format : List.of("parquet", "avro", "orc")) {
      Table table = table(schema, PartitionSpec.unpartitioned(), format);
      List<Record> rows = List.of(Tables.row(table.schema(), 1L, null));
      Tables.append(table, rows);
      assertThat(Tables.read(table)).isEqualTo(rows);
    }
  }

  private static List<Transform<?, ?>> transforms(Type type) {
    List<Transform<?, ?>> legal = new ArrayList<>();
    List<Transform<?, ?>> all =
        List.of(
            Transforms.identity(),
            Transforms.bucket(4),
            Transforms.truncate(3),
            Transforms.year(),
            Transforms.month(),
            Transforms.day(),
            Transforms.hour(),
            Transforms.alwaysNull());
    for (Transform<?, ?> transform : all) {
      if (transform.canTransform(type)) {
        legal.add(transform);
      }
    }
    return legal;
  }

  private static PartitionSpec spec(Schema schema, String column, Transform<?, ?> transform) {
    PartitionSpec.Builder builder = PartitionSpec.builderFor(schema);
    String name = transform.toString();
    if (name.equals("identity")) {
      builder.identity(column);
    } else if (name.startsWith("bucket")) {
      builder.bucket(column, 4);
    } else if (name.startsWith("truncate")) {
      builder.truncate(column, 3);
    } else {
      switch (name) {
        case "year" -> builder.year(column);
        case "month" -> builder.month(column);
        case "day" -> builder.day(column);
        case "hour" -> builder.hour(column);
        default -> builder.alwaysNull(column);
      }
    }
    return builder.build();
  }

  @Test
  void everyTransformOfEveryTypePutsRowsInTheirPartition() {
    RandomRows random = new RandomRows(new Random(9));
    int combinations = 0;
    for (NestedField column : random.flatSchema().columns()) {
      if (!column.type().isPrimitiveType() || column.type().typeId() == Type.TypeID.UNKNOWN) {
        continue;
      }
      Schema schema =
          new Schema(required(1, "id", Types.LongType.get()), optional(2, "c", column.type()));
      for (Transform<?, ?> transform : transforms(column.type())) {
        PartitionSpec spec = spec(schema, "c", transform);
        Table table = table(schema, spec, "avro");
        List<Record> rows = new ArrayList<>();
        for (long i = 0; i < 12; i++) {
          Object value = i % 4 == 3 ? null : random.value(column.type());
          rows.add(Tables.row(table.schema(), i, value));
        }
        List<DataFile> files = Tables.append(table, rows);
        assertInPartition(table, files);
        assertThat(Shown.all(inFiles(table, files)))
            .as("%s of %s", transform, column.type())
            .containsExactlyInAnyOrderElementsOf(Shown.all(rows));
        combinations++;
      }
    }
    assertThat(combinations).isGreaterThan(60);
  }

  /**
   * What the files hold. IcebergGenerics takes identity partition values from metadata instead,
   * where 1.11.0 gives a long for timestamp_ns and a struct of null for a null struct.
   */
  private static List<Record> inFiles(Table table, List<DataFile> files) {
    return files.stream().flatMap(file -> ReadFile.rows(table, file).stream()).toList();
  }

  private static void assertInPartition(Table table, List<DataFile> files) {
    Schema schema = table.schema();
    for (DataFile file : files) {
      if (table.spec().isUnpartitioned()) {
        continue;
      }
      PartitionKey key = new PartitionKey(table.spec(), schema);
      StructLike partition = file.partition();
      for (Record row : ReadFile.rows(table, file)) {
        key.partition(new InternalRecordWrapper(schema.asStruct()).wrap(row));
        for (int i = 0; i < key.size(); i++) {
          assertThat(partition.get(i, Object.class)).isEqualTo(key.get(i, Object.class));
        }
      }
    }
  }

  @Test
  void nestedFieldsPartition() {
    Schema schema =
        new Schema(
            required(1, "id", Types.LongType.get()),
            optional(2, "home", Types.StructType.of(optional(3, "city", Types.StringType.get()))));
    Table table =
        table(schema, PartitionSpec.builderFor(schema).identity("home.city").build(), "parquet");
    Types.StructType home = table.schema().findType("home").asStructType();
    List<Record> rows = new ArrayList<>();
    for (long i = 0; i < 9; i++) {
      Record struct = GenericRecord.create(home);
      struct.set(0, i % 3 == 0 ? null : "c" + i % 3);
      rows.add(Tables.row(table.schema(), i, i == 8 ? null : struct));
    }
    List<DataFile> files = Tables.append(table, rows);
    assertThat(files).hasSize(3);
    assertThat(inFiles(table, files)).containsExactlyInAnyOrderElementsOf(rows);
  }

  @Test
  void lineageColumnsAreWrittenAsGiven() {
    Schema schema = new Schema(required(1, "id", Types.LongType.get()));
    Table table =
        table(schema, PartitionSpec.builderFor(schema).bucket("id", 2).build(), "parquet");
    Schema lineage = MetadataColumns.schemaWithRowLineage(table.schema());
    List<DataFile> files;
    try (DataWriter writer = DataWriter.open(table, new WriteOptions(lineage, null, null))) {
      assertThat(writer.schema().columns()).hasSize(3);
      for (long i = 0; i < 4; i++) {
        writer.write(Tables.row(lineage, i, 100 + i, 7L));
      }
      files = writer.complete();
    }
    List<Object> read = new ArrayList<>();
    files.forEach(f -> read.addAll(Shown.all(ReadFile.rows(table, lineage, f))));
    assertThat(read)
        .containsExactlyInAnyOrder(
            List.of(0L, 100L, 7L),
            List.of(1L, 101L, 7L),
            List.of(2L, 102L, 7L),
            List.of(3L, 103L, 7L));
  }

  @Test
  void anotherSpecAndTargetSizeAreHonoured() {
    Schema schema = new Schema(required(1, "id", Types.LongType.get()));
    Table table = table(schema, PartitionSpec.builderFor(schema).bucket("id", 2).build(), "avro");
    PartitionSpec old = table.spec();
    table.updateSpec().removeField("id_bucket").commit();
    table.refresh();
    List<DataFile> files;
    try (DataWriter writer = DataWriter.open(table, new WriteOptions(null, old, 1000L))) {
      for (long i = 0; i < 100_000; i++) {
        writer.write(Tables.row(table.schema(), i));
      }
      files = writer.complete();
    }
    assertThat(files.size()).isGreaterThan(2);
    assertThat(files).allMatch(f -> f.specId() == old.specId());
  }

  @Test
  void arrowBatchesAreWritten() {
    RandomRows random = new RandomRows(new Random(4));
    Schema schema = random.flatSchema();
    Table table = table(schema, PartitionSpec.unpartitioned(), "parquet");
    List<Record> rows = random.rows(table.schema(), 300);
    try (BufferAllocator allocator = new RootAllocator();
        ArrowBatchBuilder builder = new ArrowBatchBuilder(table.schema(), allocator);
        DataWriter writer = DataWriter.open(table)) {
      rows.forEach(builder::add);
      writer.write(builder.finish());
      builder.clear();
      Tables.commit(table, writer.complete());
    }
    assertThat(Shown.all(Tables.read(table))).isEqualTo(Shown.all(rows));
  }

  @Test
  void variantInOrcIsRefusedByColumnName() {
    Schema schema = new Schema(optional(1, "v", Types.VariantType.get()));
    Table table = table(schema, PartitionSpec.unpartitioned(), "orc");
    DataWriterTest.assertInvalid(() -> DataWriter.open(table), "column v", "orc", "variant");
  }
}
