package dev.firn.format.parquet.read;

import static org.apache.iceberg.types.Types.NestedField.optional;
import static org.apache.iceberg.types.Types.NestedField.required;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import dev.firn.format.arrow.ArrowSchemas;
import dev.firn.testing.ArrowLeakCheck;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.iceberg.MetadataColumns;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.expressions.Literal;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The columns of an evolved table, its constants and metadata columns. */
@ExtendWith(ArrowLeakCheck.class)
class ReaderEvolutionTest {
  private static InputFile file(Schema schema, Object[]... rows) {
    List<Record> records = new ArrayList<>();
    for (Object[] row : rows) {
      records.add(record(schema.asStruct(), row));
    }
    return ParquetFiles.write(schema, records);
  }

  private static Record record(Types.StructType type, Object... values) {
    GenericRecord record = GenericRecord.create(type);
    for (int i = 0; i < values.length; i++) {
      record.set(i, values[i]);
    }
    return record;
  }

  private static Object[] row(Object... values) {
    return values;
  }

  @Test
  void widensStoredValues(BufferAllocator allocator) {
    InputFile file =
        file(
            new Schema(
                optional(1, "i", Types.IntegerType.get()),
                optional(2, "f", Types.FloatType.get()),
                optional(3, "d9", Types.DecimalType.of(9, 2)),
                optional(4, "d18", Types.DecimalType.of(18, 2)),
                optional(5, "day", Types.DateType.get()),
                optional(6, "nanoday", Types.DateType.get())),
            row(
                -5,
                1.5f,
                new BigDecimal("-1.25"),
                new BigDecimal("12345678901234.56"),
                LocalDate.of(1969, 12, 31),
                LocalDate.of(2024, 2, 29)),
            row(null, null, null, null, null, null));
    Schema wide =
        new Schema(
            optional(1, "i", Types.LongType.get()),
            optional(2, "f", Types.DoubleType.get()),
            optional(3, "d9", Types.DecimalType.of(38, 2)),
            optional(4, "d18", Types.DecimalType.of(20, 2)),
            optional(5, "day", Types.TimestampType.withoutZone()),
            optional(6, "nanoday", Types.TimestampNanoType.withoutZone()));

    assertThat(ParquetFiles.read(file, wide, allocator))
        .isEqualTo(
            List.of(
                List.of(
                    -5L,
                    1.5,
                    new BigDecimal("-1.25"),
                    new BigDecimal("12345678901234.56"),
                    LocalDateTime.of(1969, 12, 31, 0, 0),
                    LocalDateTime.of(2024, 2, 29, 0, 0)),
                Arrays.asList(null, null, null, null, null, null)));
  }

  @Test
  void findsRenamedAndReorderedColumnsByIdAndFillsNewOnesWithDefaults(BufferAllocator allocator) {
    InputFile file =
        file(
            new Schema(
                required(1, "a", Types.LongType.get()), optional(2, "b", Types.StringType.get())),
            row(1L, "x"),
            row(2L, null));
    Schema evolved =
        new Schema(
            optional(2, "renamed", Types.StringType.get()),
            optional(7, "b", Types.StringType.get()),
            NestedField.required("n")
                .withId(8)
                .ofType(Types.IntegerType.get())
                .withInitialDefault(Literal.of(42))
                .build(),
            NestedField.optional("s")
                .withId(9)
                .ofType(Types.StringType.get())
                .withInitialDefault(Literal.of("ü"))
                .build(),
            optional(10, "list", Types.ListType.ofOptional(11, Types.LongType.get())),
            required(1, "a", Types.LongType.get()));

    assertThat(ParquetFiles.read(file, evolved, allocator))
        .isEqualTo(
            List.of(
                Arrays.asList("x", null, 42, "ü", null, 1L),
                Arrays.asList(null, null, 42, "ü", null, 2L)));
  }

  @Test
  void filtersByTheDefaultOfAColumnThatTheFileLacks(BufferAllocator allocator) {
    Schema stored = new Schema(required(1, "a", Types.LongType.get()));
    InputFile file = file(stored, row(1L), row(2L));
    Schema evolved =
        new Schema(
            required(1, "a", Types.LongType.get()),
            NestedField.optional("n")
                .withId(2)
                .ofType(Types.IntegerType.get())
                .withInitialDefault(Literal.of(42))
                .build());

    assertThat(
            ParquetFiles.read(
                file, stored, b -> b.filter(evolved, Expressions.equal("n", 42)), allocator))
        .hasSize(2);
    assertThat(
            ParquetFiles.read(
                file, stored, b -> b.filter(evolved, Expressions.equal("n", 1)), allocator))
        .isEmpty();
  }

  private static final Types.StructType POINT =
      Types.StructType.of(
          required(11, "x", Types.IntegerType.get()), optional(12, "y", Types.StringType.get()));

  private static final Types.StructType ELEMENT =
      Types.StructType.of(
          optional(13, "n", Types.ListType.ofOptional(14, Types.IntegerType.get())),
          optional(15, "s", Types.StringType.get()));

  private static Types.StructType fresh(int id) {
    NestedField added =
        NestedField.optional("z")
            .withId(id)
            .ofType(Types.LongType.get())
            .withInitialDefault(Literal.of(7L))
            .build();
    return Types.StructType.of(added, optional(id + 1, "w", Types.StringType.get()));
  }

  @Test
  void keepsTheNullsOfStructsWhoseWantedFieldsAreAllNew(BufferAllocator allocator) {
    InputFile file =
        file(
            new Schema(
                optional(1, "p", POINT), optional(2, "l", Types.ListType.ofOptional(3, ELEMENT))),
            row(record(POINT, 1, "y"), List.of(record(ELEMENT, List.of(), "a"))),
            row(null, null),
            row(record(POINT, 2, null), List.of()),
            row(record(POINT, 3, null), Arrays.asList(null, record(ELEMENT, List.of(1, 2), "z"))));
    Schema evolved =
        new Schema(
            optional(1, "p", fresh(20)), optional(2, "l", Types.ListType.ofOptional(3, fresh(30))));
    Object filled = Arrays.asList(7L, null);

    assertThat(ParquetFiles.read(file, evolved, allocator))
        .isEqualTo(
            List.of(
                List.of(filled, List.of(filled)),
                Arrays.asList(null, null),
                List.of(filled, List.of()),
                List.of(filled, Arrays.asList("null", filled))));
  }

  @Test
  void refusesAFileWithoutARequiredColumn(BufferAllocator allocator) {
    InputFile file = file(new Schema(required(1, "a", Types.LongType.get())), row(1L));
    Schema wanted = new Schema(required(2, "b", Types.LongType.get()));

    assertThatThrownBy(() -> ParquetFiles.read(file, wanted, allocator))
        .isInstanceOf(FirnException.class)
        .hasMessageContaining("column b: it is required")
        .hasMessageContaining("memory:test.parquet");
  }

  @Test
  void namesBothTypesWhereAColumnCannotBeReadAsTheWantedOne(BufferAllocator allocator) {
    InputFile file = file(new Schema(required(1, "a", Types.LongType.get())), row(1L));
    Schema wanted = new Schema(required(1, "a", Types.IntegerType.get()));

    assertThatThrownBy(() -> ParquetFiles.read(file, wanted, allocator))
        .isInstanceOf(FirnException.class)
        .hasMessageContaining("column a")
        .hasMessageContaining("expected int, got required int64 a = 1");
  }

  @Test
  void putsConstantsInsteadOfStoredValues(BufferAllocator allocator) {
    Schema schema =
        new Schema(
            optional(1, "a", Types.LongType.get()),
            optional(2, "b", Types.StringType.get()),
            optional(3, "p", POINT));
    InputFile file = file(schema, row(1L, "x", record(POINT, 1, "y")), row(2L, "y", null));
    Map<Integer, Object> constants = new HashMap<>();
    constants.put(1, 9L);
    constants.put(2, null);
    constants.put(12, "inside");

    assertThat(ParquetFiles.read(file, schema, b -> b.constants(constants), allocator))
        .isEqualTo(
            List.of(Arrays.asList(9L, null, List.of(1, "inside")), Arrays.asList(9L, null, null)));
  }

  @Test
  void makesMetadataColumns(BufferAllocator allocator) {
    Schema stored = new Schema(required(1, "a", Types.LongType.get()));
    InputFile file = file(stored, row(1L), row(2L), row(3L));
    Types.StructType partition =
        Types.StructType.of(optional(1000, "a_part", Types.LongType.get()));
    Schema wanted =
        new Schema(
            MetadataColumns.FILE_PATH,
            MetadataColumns.ROW_POSITION,
            MetadataColumns.SPEC_ID,
            MetadataColumns.IS_DELETED,
            NestedField.optional(MetadataColumns.PARTITION_COLUMN_ID, "_partition", partition),
            MetadataColumns.ROW_ID,
            MetadataColumns.LAST_UPDATED_SEQUENCE_NUMBER);
    Map<Integer, Object> constants = new HashMap<>();
    constants.put(MetadataColumns.FILE_PATH.fieldId(), "s3://b/f.parquet");
    constants.put(MetadataColumns.SPEC_ID.fieldId(), 3);
    constants.put(MetadataColumns.PARTITION_COLUMN_ID, record(partition, 5L));
    constants.put(MetadataColumns.ROW_ID.fieldId(), 100L);
    constants.put(MetadataColumns.LAST_UPDATED_SEQUENCE_NUMBER.fieldId(), 8L);

    assertThat(
            ParquetFiles.read(
                file,
                wanted,
                b -> b.constants(constants).deletes(Positions.of(List.of(1L))),
                allocator))
        .isEqualTo(
            List.of(
                List.of("s3://b/f.parquet", 0L, 3, false, List.of(5L), 100L, 8L),
                List.of("s3://b/f.parquet", 2L, 3, false, List.of(5L), 102L, 8L)));
  }

  @Test
  void inheritsLineageOnlyWhereTheFileHasNone(BufferAllocator allocator) {
    Schema stored =
        new Schema(
            required(1, "a", Types.LongType.get()),
            MetadataColumns.ROW_ID,
            MetadataColumns.LAST_UPDATED_SEQUENCE_NUMBER);
    InputFile file = file(stored, row(1L, 7L, null), row(2L, null, 3L), row(3L, null, null));
    Map<Integer, Object> constants = new HashMap<>();
    constants.put(MetadataColumns.ROW_ID.fieldId(), 100L);
    constants.put(MetadataColumns.LAST_UPDATED_SEQUENCE_NUMBER.fieldId(), 8L);

    assertThat(ParquetFiles.read(file, stored, b -> b.constants(constants), allocator))
        .isEqualTo(List.of(List.of(1L, 7L, 8L), List.of(2L, 101L, 3L), List.of(3L, 102L, 8L)));
    assertThat(ParquetFiles.read(file, stored, allocator))
        .as("no first row id: no lineage")
        .isEqualTo(
            List.of(
                Arrays.asList(1L, null, null),
                Arrays.asList(2L, null, null),
                Arrays.asList(3L, null, null)));
  }

  @Test
  void givesDictionariesOfStringsOnRequest(BufferAllocator allocator) {
    Schema schema =
        new Schema(
            required(1, "a", Types.LongType.get()), optional(2, "s", Types.StringType.get()));
    List<Record> rows = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      rows.add(record(schema.asStruct(), (long) i, i % 7 == 0 ? null : "s" + (i / 100) + i % 5));
    }
    InputFile file = ParquetFiles.write(schema, rows, ParquetFiles.small(200, 30));
    List<Object> expected = ParquetFiles.generic(file, schema);

    for (int batchRows : new int[] {64, 1000}) {
      assertThat(
              ParquetFiles.read(
                  file, schema, b -> b.dictionaryStrings().batchRows(batchRows), allocator))
          .isEqualTo(expected);
    }
    assertThat(
            ParquetFiles.read(
                file,
                schema,
                b -> b.dictionaryStrings().filter(schema, Expressions.equal("s", "s33")),
                allocator))
        .isEqualTo(expected.stream().filter(row -> "s33".equals(((List<?>) row).get(1))).toList());
    try (ParquetReader reader =
        ParquetReader.of(file, schema).dictionaryStrings().open(allocator)) {
      assertThat(reader.next()).isTrue();
      assertThat(reader.root().getVector("s").getField().getDictionary().getId()).isEqualTo(1);
      assertThat(reader.dictionaries().lookup(1).getVector().getValueCount()).isEqualTo(10);
    }
  }

  @Test
  void hasExactlyTheArrowTypesOfTheProjection(BufferAllocator allocator) {
    Schema schema =
        new Schema(
            required(1, "a", Types.LongType.get()), optional(2, "s", Types.StringType.get()));
    try (ParquetReader reader =
        ParquetReader.of(file(schema, row(1L, "x")), schema).open(allocator)) {
      assertThat(reader.root().getSchema()).isEqualTo(ArrowSchemas.toArrow(schema));
      assertThat(reader.next()).isTrue();
      assertThat(reader.next()).isFalse();
    }
  }

  @Test
  void readsEachRowGroupInOneSplitOnly(BufferAllocator allocator) {
    Schema schema = new Schema(required(1, "a", Types.LongType.get()));
    List<Record> rows = new ArrayList<>();
    for (long i = 0; i < 1000; i++) {
      rows.add(record(schema.asStruct(), i));
    }
    InputFile file = ParquetFiles.write(schema, rows, ParquetFiles.small(100, 50));
    List<Object> all = new ArrayList<>();
    long step = file.getLength() / 7 + 1;
    for (long start = 0; start < file.getLength(); start += step) {
      long from = start;
      all.addAll(ParquetFiles.read(file, schema, b -> b.split(from, step), allocator));
    }

    assertThat(all).isEqualTo(ParquetFiles.generic(file, schema));
  }

  @Test
  void refusesConstantsOfAnotherType(BufferAllocator allocator) {
    Schema schema = new Schema(optional(1, "a", Types.LongType.get()));
    InputFile file = file(schema, row(1L));

    assertThatThrownBy(
            () ->
                ParquetFiles.read(
                    file, schema, b -> b.constants(Map.of(1, "not a number")), allocator))
        .isInstanceOfSatisfying(
            FirnException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.INVALID));
  }
}
