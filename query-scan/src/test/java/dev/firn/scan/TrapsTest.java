package dev.firn.scan;

import static dev.firn.testing.TableFixture.append;
import static dev.firn.testing.TableFixture.deleteEqual;
import static dev.firn.testing.TableFixture.deleteRows;
import static dev.firn.testing.TableFixture.row;
import static org.apache.iceberg.expressions.Expressions.alwaysTrue;
import static org.apache.iceberg.expressions.Expressions.and;
import static org.apache.iceberg.expressions.Expressions.equal;
import static org.apache.iceberg.expressions.Expressions.greaterThan;
import static org.apache.iceberg.expressions.Expressions.in;
import static org.apache.iceberg.expressions.Expressions.isNaN;
import static org.apache.iceberg.expressions.Expressions.isNull;
import static org.apache.iceberg.expressions.Expressions.lessThan;
import static org.apache.iceberg.expressions.Expressions.not;
import static org.apache.iceberg.expressions.Expressions.notEqual;
import static org.apache.iceberg.expressions.Expressions.notIn;
import static org.apache.iceberg.expressions.Expressions.notNaN;
import static org.apache.iceberg.expressions.Expressions.notNull;
import static org.apache.iceberg.expressions.Expressions.notStartsWith;
import static org.apache.iceberg.expressions.Expressions.or;
import static org.apache.iceberg.expressions.Expressions.startsWith;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.scan.metadata.MetadataScanner;
import dev.firn.scan.metadata.MetadataTable;
import dev.firn.testing.TableFixture;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.StreamSupport;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.MetadataColumns;
import org.apache.iceberg.MetadataTableType;
import org.apache.iceberg.MetadataTableUtils;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.ScanTaskParser;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.data.IcebergGenerics;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.expressions.Literal;
import org.apache.iceberg.inmemory.InMemoryFileIO;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.mapping.MappingUtil;
import org.apache.iceberg.mapping.NameMappingParser;
import org.apache.iceberg.types.TypeUtil;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.variants.Variant;
import org.apache.iceberg.variants.Variants;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The traps of Iceberg 1.11.0 that docs/user-guide/correctness.md lists, by number: Firn gives the
 * right answer, and where it is cheap to tell, Iceberg's own reader still does not; such a test
 * fails once that is mended. W14 is of a tool that Firn does not use, W16 of the ORC format itself.
 */
class TrapsTest {
  private static final Schema PEOPLE =
      new Schema(
          Types.NestedField.required(1, "id", Types.LongType.get()),
          Types.NestedField.optional(2, "name", Types.StringType.get()),
          Types.NestedField.optional(
              3,
              "home",
              Types.StructType.of(
                  Types.NestedField.optional(4, "city", Types.StringType.get()),
                  Types.NestedField.optional(5, "zip", Types.IntegerType.get()))));

  private final TableFixture fixture = TableFixture.open();

  @AfterEach
  void close() {
    fixture.close();
  }

  private Table people(int formatVersion) {
    return fixture.create(PEOPLE, formatVersion);
  }

  private static Record person(long id, String name, String city, Integer zip) {
    Record home =
        row(new Schema(PEOPLE.findField("home").type().asStructType().fields()), city, zip);
    return row(PEOPLE, id, name, home);
  }

  @ParameterizedTest
  @EnumSource(
      value = FileFormat.class,
      names = {"PARQUET", "AVRO", "ORC"})
  void trapW1FiltersOnColumnsAddedWithADefaultFindOldRows(FileFormat format) {
    Table table = people(3);
    append(table, format, person(1, "a", "x", 1), person(2, "b", "y", 2));
    table.updateSchema().addColumn("n", Types.IntegerType.get(), Literal.of(42)).commit();
    append(table, format, row(table.schema(), 3L, "c", null, 7));

    assertThat(Scans.column(table, equal("n", 42), "id")).containsExactly(1L, 2L);
    assertThat(Scans.column(table, notNull("n"), "id")).containsExactlyInAnyOrder(1L, 2L, 3L);
    assertThat(Scans.column(table, lessThan("n", 50), "n")).containsExactlyInAnyOrder(42, 42, 7);
    assertThat(Scans.column(table, in("n", 42, 43), "id")).containsExactly(1L, 2L);
    assertThat(Scans.column(table, lessThan("n", 8), "id")).containsExactly(3L);
    if (format == FileFormat.PARQUET) {
      assertThat(icebergs(table, b -> b.where(equal("n", 42)))).isEmpty();
    }
  }

  @Test
  void trapW2ReadsFilesWithoutFieldIdsByTheNameMapping() throws IOException {
    Schema schema =
        new Schema(
            Types.NestedField.optional(1, "a", Types.StringType.get()),
            Types.NestedField.optional(2, "b", Types.StringType.get()));
    Table table = fixture.create(schema, 2);
    table
        .updateProperties()
        .set(
            TableProperties.DEFAULT_NAME_MAPPING,
            NameMappingParser.toJson(MappingUtil.create(schema)))
        .commit();
    // The file's columns stand the other way round.
    appendWithoutIds(table, new String[] {"b", "a"}, "B", "A");

    assertThat(Scans.all(table)).containsExactly(List.of("A", "B"));
    assertThat(Scans.column(table, equal("a", "A"), "b")).containsExactly("B");
    assertThat(Scans.column(table, equal("a", "B"), "b")).isEmpty();
    assertThat(icebergs(table, b -> b)).containsExactly(List.of("B", "A"));
  }

  @Test
  void trapW2IdentityPartitionColumnsThatFilesLackCanBeFilteredOn() throws IOException {
    // As files imported from Hive are: the partition is in the path only.
    Schema schema =
        new Schema(
            Types.NestedField.optional(1, "a", Types.StringType.get()),
            Types.NestedField.optional(2, "part", Types.StringType.get()));
    PartitionSpec spec = PartitionSpec.builderFor(schema).identity("part").build();
    Table table = fixture.create(schema, spec, 2);
    table
        .updateProperties()
        .set(
            TableProperties.DEFAULT_NAME_MAPPING,
            NameMappingParser.toJson(MappingUtil.create(schema)))
        .commit();
    appendWithoutIds(table, new String[] {"a"}, "v");

    assertThat(Scans.all(table)).containsExactly(List.of("v", "p"));
    assertThat(Scans.column(table, equal("part", "p"), "a")).containsExactly("v");
    assertThat(Scans.column(table, or(equal("part", "p"), equal("a", "?")), "a"))
        .containsExactly("v");
    assertThat(Scans.column(table, equal("part", "q"), "a")).isEmpty();
  }

  private static void appendWithoutIds(Table table, String[] names, String... values)
      throws IOException {
    String location = table.location() + "/data/noids.parquet";
    ParquetWithoutIds.write(table.io(), location, names, values);
    DataFiles.Builder file =
        DataFiles.builder(table.spec())
            .withPath(location)
            .withFormat(FileFormat.PARQUET)
            .withFileSizeInBytes(table.io().newInputFile(location).getLength())
            .withRecordCount(1);
    if (table.spec().isPartitioned()) {
      file.withPartitionValues(List.of("p"));
    }
    table.newAppend().appendFile(file.build()).commit();
  }

  @Test
  void trapW3EqualityDeletesOnADroppedColumnStillApply() {
    Table table = people(2);
    append(table, person(1, "a", "x", 1), person(2, "b", "y", 2));
    deleteEqual(table, PEOPLE.select("name"), null, row(PEOPLE.select("name"), "a"));
    table.updateSchema().deleteColumn("name").commit();
    table.updateSchema().addColumn("name", Types.IntegerType.get()).commit();

    assertThat(Scans.column(table, alwaysTrue(), "id")).containsExactly(2L);
    assertThat(Scans.rows(table, Scans.where(alwaysTrue(), "name", "id")))
        .containsExactly(Arrays.asList(null, 2L));
    assertThatThrownBy(() -> icebergs(table, b -> b))
        .hasMessageContaining("Cannot find required field for ID");
  }

  @Test
  void trapW4EqualityDeletesOnANestedFieldOutsideTheProjectionApply() {
    Table table = people(2);
    append(table, person(1, "a", "x", 1), person(2, "b", "y", 2), person(3, "c", null, 3));
    Schema city = PEOPLE.select("home.city");
    Record key =
        row(city, row(new Schema(city.findField("home").type().asStructType().fields()), "x"));
    deleteEqual(table, city, null, key);

    assertThat(Scans.column(table, alwaysTrue(), "id")).containsExactly(2L, 3L);
    assertThat(Scans.rows(table, Scans.where(alwaysTrue(), "home.zip")))
        .containsExactly(List.of(List.of(2)), List.of(List.of(3)));
    assertThat(icebergs(table, b -> b.project(PEOPLE.select("id")))).isEmpty();
  }

  @Test
  void trapW3EqualityDeletesOnADroppedNestedFieldStillApply() {
    Table table = people(2);
    append(table, person(1, "a", "x", 1), person(2, "b", "y", 2));
    Schema city = PEOPLE.select("home.city");
    Record key =
        row(city, row(new Schema(city.findField("home").type().asStructType().fields()), "x"));
    deleteEqual(table, city, null, key);
    table.updateSchema().deleteColumn("home.city").commit();

    assertThat(Scans.all(table)).containsExactly(List.of(2L, "b", List.of(2)));
  }

  @ParameterizedTest
  @EnumSource(
      value = FileFormat.class,
      names = {"PARQUET", "AVRO", "ORC"})
  void trapW5RowsHaveExactlyTheColumnsAskedForInThatOrder(FileFormat format) {
    for (int version : new int[] {2, 3}) {
      Table table = people(version);
      DataFile file = append(table, format, person(1, "a", "x", 1), person(2, "b", "y", 2)).get(0);
      deleteRows(table, file, 0);
      deleteEqual(table, PEOPLE.select("name"), null, row(PEOPLE.select("name"), "z"));

      assertThat(Scans.rows(table, Scans.where(alwaysTrue(), "home.zip", "id")))
          .containsExactly(List.of(List.of(2), 2L));
      assertThat(Scans.all(table)).containsExactly(List.of(2L, "b", List.of("y", 2)));
      assertThat(Scans.rows(table, Scans.where(alwaysTrue(), "_pos", "id", "_deleted")))
          .containsExactly(List.of(1L, 2L, false));
      assertThat(icebergs(table, b -> b.select("id")).get(0)).hasSizeGreaterThan(1);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void trapW7NoRowThatIsReadIsDeleted(int version) {
    Table table = people(version);
    DataFile file = append(table, person(1, "a", "x", 1), person(2, "b", "y", 2)).get(0);
    deleteRows(table, file, 0);

    assertThat(Scans.rows(table, Scans.where(equal("_deleted", false), "id", "_deleted")))
        .containsExactly(List.of(2L, false));
    assertThat(Scans.rows(table, Scans.where(equal("_deleted", true), "id"))).isEmpty();
    Schema deleted = TypeUtil.join(table.schema(), new Schema(MetadataColumns.IS_DELETED));
    assertThatThrownBy(() -> icebergs(table, b -> b.project(deleted)))
        .hasMessageContaining("markRowDeleted");
  }

  @Test
  void trapW6FilterColumnsNeedNotBeProjected() {
    Table table = people(2);
    append(table, person(1, "a", "x", 1), person(2, "b", "y", 2));

    assertThat(Scans.rows(table, Scans.where(equal("name", "b"), "id")))
        .containsExactly(List.of(2L));
    assertThat(Scans.rows(table, Scans.where(equal("home.city", "y"), "home.zip")))
        .containsExactly(List.of(List.of(2)));
    assertThat(Scans.rows(table, Scans.where(and(greaterThan("_pos", 0), notNull("home")), "id")))
        .containsExactly(List.of(2L));
    assertThatThrownBy(
            () -> icebergs(table, b -> b.project(PEOPLE.select("id")).where(equal("name", "b"))))
        .hasMessageContaining("Cannot find field 'name'");
  }

  @Test
  void trapW8NullPassesNoComparison() {
    Schema schema =
        new Schema(
            Types.NestedField.required(1, "id", Types.LongType.get()),
            Types.NestedField.optional(2, "s", Types.StringType.get()),
            Types.NestedField.optional(3, "n", Types.IntegerType.get()),
            Types.NestedField.optional(4, "d", Types.DoubleType.get()));
    Table table = fixture.create(schema, 2);
    append(
        table,
        row(schema, 1L, null, null, null),
        row(schema, 2L, "ab", 5, Double.NaN),
        row(schema, 3L, "cd", 6, 1.5));

    Map<Expression, List<Long>> answers =
        Map.ofEntries(
            Map.entry(notEqual("s", "ab"), List.of(3L)),
            Map.entry(notIn("s", "ab", "xy"), List.of(3L)),
            Map.entry(notStartsWith("s", "a"), List.of(3L)),
            Map.entry(startsWith("s", "a"), List.of(2L)),
            Map.entry(not(equal("s", "ab")), List.of(3L)),
            Map.entry(not(in("n", 5, 7)), List.of(3L)),
            Map.entry(not(startsWith("s", "a")), List.of(3L)),
            Map.entry(not(lessThan("n", 6)), List.of(3L)),
            Map.entry(lessThan("n", 6), List.of(2L)),
            Map.entry(not(and(equal("s", "ab"), equal("n", 5))), List.of(3L)),
            Map.entry(or(notEqual("s", "ab"), isNull("n")), List.of(1L, 3L)),
            // every int is below 3e9, but null is not
            Map.entry(lessThan("n", 3_000_000_000L), List.of(2L, 3L)),
            Map.entry(notEqual("n", 3_000_000_000L), List.of(2L, 3L)),
            Map.entry(notIn("n", 3_000_000_000L, 4_000_000_000L), List.of(2L, 3L)),
            Map.entry(isNaN("d"), List.of(2L)),
            Map.entry(notNaN("d"), List.of(3L)),
            Map.entry(not(isNaN("d")), List.of(3L)),
            Map.entry(equal(Expressions.truncate("s", 1), "a"), List.of(2L)),
            Map.entry(notEqual(Expressions.truncate("s", 1), "a"), List.of(3L)),
            Map.entry(isNull("s"), List.of(1L)));
    answers.forEach(
        (filter, ids) ->
            assertThat(Scans.column(table, filter, "id"))
                .as(filter.toString())
                .containsExactlyElementsOf(List.copyOf(ids)));
    assertThat(icebergs(table, b -> b.where(notStartsWith("s", "a"))))
        .contains(Arrays.asList(1L, null, null, null));
  }

  @Test
  void notANumberIsAboveEveryNumberThoughBoundsLeaveItOut() {
    Schema schema = new Schema(Types.NestedField.optional(1, "d", Types.DoubleType.get()));
    Table table = fixture.create(schema, 2);
    append(table, row(schema, 1.0), row(schema, Double.NaN));
    append(table, row(schema, 2.0));

    assertThat(Scans.column(table, greaterThan("d", 5.0), "d")).containsExactly(Double.NaN);
    assertThat(Scans.column(table, not(lessThan("d", 2.0)), "d"))
        .containsExactlyInAnyOrder(Double.NaN, 2.0);
    assertThat(Scans.column(table, lessThan("d", 5.0), "d")).containsExactlyInAnyOrder(1.0, 2.0);
  }

  @Test
  void trapW8NullPartitionsPassNoComparisonEither() {
    Schema schema =
        new Schema(
            Types.NestedField.required(1, "id", Types.LongType.get()),
            Types.NestedField.optional(2, "p", Types.StringType.get()));
    Table table = fixture.create(schema, PartitionSpec.builderFor(schema).identity("p").build(), 2);
    append(table, row(schema, 1L, null), row(schema, 2L, "a"), row(schema, 3L, "b"));

    assertThat(Scans.column(table, notEqual("p", "a"), "id")).containsExactly(3L);
    assertThat(Scans.column(table, notIn("p", "a", "c"), "id")).containsExactly(3L);
    assertThat(Scans.column(table, notStartsWith("p", "a"), "id")).containsExactly(3L);
  }

  @Test
  void trapW17LastUpdatedSequenceNumberIsTheDataSequenceNumber() {
    Table table = people(2);
    DataFile file = append(table, person(1, "a", "x", 1)).get(0);
    append(table, person(2, "b", "y", 2));
    DataFile rewritten =
        TableFixture.write(table, FileFormat.PARQUET, List.of(person(1, "a", "x", 1))).get(0);
    table.newRewrite().dataSequenceNumber(1).deleteFile(file).addFile(rewritten).commit();
    table.updateProperties().set("format-version", "3").commit();
    append(table, person(3, "c", "z", 3));

    assertThat(
            Scans.rows(
                table,
                Scans.where(
                    equal("id", 1), "id", MetadataColumns.LAST_UPDATED_SEQUENCE_NUMBER.name())))
        .containsExactly(List.of(1L, 1L));
  }

  @Test
  void trapW9BatchesHoldConstantsDefaultsNestedColumnsAndWideDecimals() {
    Schema schema =
        new Schema(
            Types.NestedField.optional(1, "p", Types.StringType.get()),
            Types.NestedField.optional(2, "wide", Types.DecimalType.of(38, 2)),
            Types.NestedField.optional(
                3,
                "nested",
                Types.StructType.of(Types.NestedField.optional(4, "x", Types.IntegerType.get()))));
    PartitionSpec spec = PartitionSpec.builderFor(schema).identity("p").build();
    Table table = fixture.create(schema, spec, 3);
    BigDecimal wide = new BigDecimal("123456789012345678901234567890123456.78");
    Record nested = row(new Schema(schema.findField("nested").type().asStructType().fields()), 7);
    DataFile file = append(table, row(schema, "a", wide, nested)).get(0);
    table
        .updateSchema()
        .addColumn("added", Types.DecimalType.of(9, 2), Literal.of(new BigDecimal("1.50")))
        .addColumn("missing", Types.IntegerType.get())
        .commit();

    // Rows are made from the batches.
    assertThat(
            Scans.rows(
                table,
                Scans.where(
                    equal("wide", wide), "p", "wide", "nested", "added", "missing", "_file")))
        .containsExactly(
            Arrays.asList("a", wide, List.of(7), new BigDecimal("1.50"), null, file.location()));
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void trapW10BatchesHaveEveryDeleteApplied(int version) {
    Table table = people(version);
    DataFile file =
        append(table, person(1, "a", "x", 1), person(2, "b", "y", 2), person(3, "c", "z", 3))
            .get(0);
    deleteRows(table, file, 0);
    deleteEqual(table, PEOPLE.select("name"), null, row(PEOPLE.select("name"), "b"));

    assertThat(Scans.column(table, alwaysTrue(), "id")).containsExactly(3L);
    assertThat(Scans.rows(table, Scans.where(alwaysTrue(), "_pos"))).containsExactly(List.of(2L));
  }

  @Test
  void trapW11GlobalEqualityDeletesApplyToFilesOfLaterSpecs() throws IOException {
    Table table = people(2);
    append(table, person(1, "a", "x", 1), person(2, "b", "y", 2));
    table.updateSpec().addField("name").commit();
    append(table, person(3, "a", "x", 1), person(4, "b", "y", 2));
    deleteEqual(table, PEOPLE.select("name"), null, row(PEOPLE.select("name"), "a"));
    append(table, person(5, "a", "x", 1));

    assertThat(Scans.column(table, alwaysTrue(), "id")).containsExactlyInAnyOrder(2L, 4L, 5L);
    // Tasks stay within the process: Iceberg's text form of them has one spec for both files.
    try (CloseableIterable<FileScanTask> tasks =
        new TableScanner(table).plan(Scans.where(equal("id", 3), "id"))) {
      FileScanTask task = tasks.iterator().next();
      assertThatThrownBy(() -> ScanTaskParser.toJson(task))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void trapW12VariantsAreReadFromParquet() {
    Schema schema =
        new Schema(
            Types.NestedField.required(1, "id", Types.LongType.get()),
            Types.NestedField.optional(2, "v", Types.VariantType.get()));
    Table table = fixture.create(schema, 3);
    Variant variant = Variant.of(Variants.emptyMetadata(), Variants.of("text"));
    append(table, row(schema, 1L, variant), row(schema, 2L, null));

    List<Object> read = Scans.column(table, alwaysTrue(), "v");
    assertThat(((Variant) read.get(0)).value().asPrimitive().get()).isEqualTo("text");
    assertThat(read.get(1)).isNull();
  }

  @ParameterizedTest
  @EnumSource(
      value = FileFormat.class,
      names = {"PARQUET", "AVRO", "ORC"})
  void trapW13NoFormatNeedsAHadoopFileSystem(FileFormat format) {
    Table table = people(2);
    append(table, format, person(1, "a", "x", 1));

    assertThat(table.io()).isInstanceOf(InMemoryFileIO.class);
    assertThat(Scans.all(table)).containsExactly(List.of(1L, "a", List.of("x", 1)));
  }

  @Test
  void trapW15EveryMetadataTableIsReadAsOthersAre() {
    Table table = people(2);
    DataFile file = append(table, person(1, "a", "x", 1), person(2, "b", "y", 2)).get(0);
    deleteRows(table, file, 0);

    for (MetadataTable kind : MetadataTable.values()) {
      assertThat(rows(new MetadataScanner(table, kind))).as(kind.tableName()).isPositive();
    }
    Table snapshots =
        MetadataTableUtils.createMetadataTableInstance(table, MetadataTableType.SNAPSHOTS);
    assertThatThrownBy(() -> icebergs(snapshots, b -> b)).isInstanceOf(RuntimeException.class);
  }

  private static long rows(MetadataScanner scanner) {
    try (BufferAllocator allocator = new RootAllocator(64 << 20);
        CloseableIterable<Record> rows = scanner.read(ScanRequest.EVERYTHING, allocator)) {
      return StreamSupport.stream(rows.spliterator(), false).count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void filtersOnTransformsOfIdentityPartitionsFindTheirRows() {
    Schema schema =
        new Schema(
            Types.NestedField.required(1, "id", Types.LongType.get()),
            Types.NestedField.optional(2, "p", Types.StringType.get()));
    Table table = fixture.create(schema, PartitionSpec.builderFor(schema).identity("p").build(), 2);
    append(table, row(schema, 1L, "ab"), row(schema, 2L, "b"), row(schema, 3L, null));

    assertThat(Scans.column(table, equal(Expressions.truncate("p", 1), "a"), "id"))
        .containsExactly(1L);
    assertThat(Scans.column(table, notEqual(Expressions.truncate("p", 1), "a"), "id"))
        .containsExactly(2L);
  }

  /** The rows that Iceberg's own generic reader gives. */
  private static List<List<Object>> icebergs(
      Table table, UnaryOperator<IcebergGenerics.ScanBuilder> refine) {
    List<List<Object>> rows = new ArrayList<>();
    try (CloseableIterable<Record> read = refine.apply(IcebergGenerics.read(table)).build()) {
      read.forEach(row -> rows.add(Scans.values(row)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return rows;
  }
}
