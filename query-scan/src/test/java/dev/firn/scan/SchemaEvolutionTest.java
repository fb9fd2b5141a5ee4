package dev.firn.scan;

import static dev.firn.testing.TableFixture.append;
import static dev.firn.testing.TableFixture.row;
import static org.apache.iceberg.expressions.Expressions.alwaysTrue;
import static org.apache.iceberg.expressions.Expressions.equal;
import static org.apache.iceberg.expressions.Expressions.greaterThan;
import static org.apache.iceberg.expressions.Expressions.isNull;
import static org.apache.iceberg.expressions.Expressions.notNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.testing.TableFixture;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.expressions.Literal;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SchemaEvolutionTest {
  private static final Types.StructType PLACE =
      Types.StructType.of(
          Types.NestedField.optional(20, "city", Types.StringType.get()),
          Types.NestedField.optional(21, "zip", Types.IntegerType.get()));
  private static final Schema SCHEMA =
      new Schema(
          Types.NestedField.required(1, "id", Types.IntegerType.get()),
          Types.NestedField.optional(2, "f", Types.FloatType.get()),
          Types.NestedField.optional(3, "d", Types.DecimalType.of(5, 2)),
          Types.NestedField.optional(4, "s", Types.StringType.get()),
          Types.NestedField.optional(5, "place", PLACE),
          Types.NestedField.optional(
              6, "tags", Types.ListType.ofOptional(22, Types.IntegerType.get())),
          Types.NestedField.optional(
              7,
              "places",
              Types.MapType.ofOptional(
                  23,
                  24,
                  Types.StringType.get(),
                  Types.StructType.of(
                      Types.NestedField.optional(25, "x", Types.IntegerType.get()),
                      Types.NestedField.optional(26, "y", Types.IntegerType.get())))));

  private final TableFixture fixture = TableFixture.open();

  @AfterEach
  void close() {
    fixture.close();
  }

  private Table tableOf(FileFormat format) {
    Table table = fixture.create(SCHEMA, 3);
    Schema schema = table.schema();
    Schema place = new Schema(schema.findType("place").asStructType().fields());
    Schema point = new Schema(schema.findType("places.value").asStructType().fields());
    append(
        table,
        format,
        row(
            schema,
            1,
            1.5f,
            new BigDecimal("1.25"),
            "one",
            row(place, "x", 10),
            Arrays.asList(1, null, 3),
            Map.of("k", row(point, 7, 8))),
        row(schema, 2, null, null, null, null, null, null));
    return table;
  }

  @ParameterizedTest
  @EnumSource(
      value = FileFormat.class,
      names = {"PARQUET", "AVRO", "ORC"})
  void oldFilesReadInWidenedTypes(FileFormat format) {
    Table table = tableOf(format);
    table
        .updateSchema()
        .updateColumn("id", Types.LongType.get())
        .updateColumn("f", Types.DoubleType.get())
        .updateColumn("d", Types.DecimalType.of(12, 2))
        .updateColumn("place.zip", Types.LongType.get())
        .updateColumn("tags.element", Types.LongType.get())
        .commit();

    assertThat(Scans.rows(table, Scans.where(alwaysTrue(), "id", "f", "d", "place.zip", "tags")))
        .containsExactly(
            List.of(1L, 1.5d, new BigDecimal("1.25"), List.of(10L), Arrays.asList(1L, null, 3L)),
            Arrays.asList(2L, null, null, null, null));
    assertThat(Scans.column(table, greaterThan("id", 1L), "id")).containsExactly(2L);
    assertThat(Scans.column(table, equal("place.zip", 10L), "id")).containsExactly(1L);
    assertThat(Scans.column(table, equal("d", new BigDecimal("1.25")), "id")).containsExactly(1L);
  }

  @ParameterizedTest
  @EnumSource(
      value = FileFormat.class,
      names = {"PARQUET", "AVRO", "ORC"})
  void columnsAreFollowedByIdThroughRenameReorderDropAndReadd(FileFormat format) {
    Table table = tableOf(format);
    table
        .updateSchema()
        .renameColumn("s", "old_s")
        .renameColumn("place.city", "town")
        .moveFirst("place")
        .moveFirst("place.zip")
        .deleteColumn("f")
        .commit();
    table.updateSchema().addColumn("s", Types.StringType.get()).commit();
    table.updateSchema().addColumn("f", Types.FloatType.get()).commit();

    assertThat(Scans.rows(table, Scans.where(alwaysTrue(), "old_s", "s", "f", "place", "id")))
        .containsExactly(
            Arrays.asList("one", null, null, List.of(10, "x"), 1),
            Arrays.asList(null, null, null, null, 2));
    assertThat(Scans.column(table, equal("old_s", "one"), "id")).containsExactly(1);
    assertThat(Scans.column(table, equal("s", "one"), "id")).isEmpty();
    assertThat(Scans.column(table, equal("place.town", "x"), "id")).containsExactly(1);
    assertThat(Scans.all(table).get(0).get(0)).isEqualTo(List.of(10, "x"));
  }

  @ParameterizedTest
  @EnumSource(
      value = FileFormat.class,
      names = {"PARQUET", "AVRO", "ORC"})
  void addedNestedFieldsAreNullWithinAStructThatIsNot(FileFormat format) {
    Table table = tableOf(format);
    table.updateSchema().addColumn("place", "street", Types.StringType.get()).commit();

    assertThat(Scans.rows(table, Scans.where(alwaysTrue(), "place")))
        .containsExactly(
            List.of(Arrays.asList("x", 10, null)), java.util.Collections.singletonList(null));
    assertThat(Scans.column(table, isNull("place.street"), "id")).containsExactly(1, 2);
    assertThat(Scans.column(table, notNull("place.city"), "id")).containsExactly(1);
    // Only the new field of the struct: it is not in the file.
    assertThat(Scans.rows(table, Scans.where(notNull("place.zip"), "place.street", "id")))
        .containsExactly(Arrays.asList(java.util.Collections.singletonList(null), 1));
  }

  @ParameterizedTest
  @EnumSource(
      value = FileFormat.class,
      names = {"PARQUET", "AVRO", "ORC"})
  void defaultsFillColumnsThatFilesLack(FileFormat format) {
    Table table = tableOf(format);
    table
        .updateSchema()
        .addRequiredColumn("r", Types.StringType.get(), Literal.of("dflt"))
        .addColumn("n", Types.IntegerType.get(), Literal.of(5))
        .commit();
    table.updateSchema().updateColumnDefault("n", Literal.of(6)).commit();

    assertThat(Scans.rows(table, Scans.where(alwaysTrue(), "r", "n", "id")))
        .containsExactly(List.of("dflt", 5, 1), List.of("dflt", 5, 2));
    assertThat(Scans.column(table, equal("n", 5), "id")).containsExactly(1, 2);
    assertThat(Scans.column(table, equal("n", 6), "id")).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(
      value = FileFormat.class,
      names = {"PARQUET", "AVRO", "ORC"})
  void partsOfListsAndMapsCanBeSelected(FileFormat format) {
    Table table = tableOf(format);

    List<List<Object>> rows = Scans.rows(table, Scans.where(alwaysTrue(), "places.value.y", "id"));

    assertThat(rows.get(0).get(1)).isEqualTo(1);
    Map<?, ?> places = (Map<?, ?>) rows.get(0).get(0);
    assertThat(Scans.values((org.apache.iceberg.data.Record) places.get("k"))).containsExactly(8);
  }

  @Test
  void oldAndNewPartitionSpecsReadTogether() {
    Schema schema =
        new Schema(
            Types.NestedField.required(1, "id", Types.LongType.get()),
            Types.NestedField.optional(2, "p", Types.IntegerType.get()));
    Table table = fixture.create(schema, PartitionSpec.builderFor(schema).identity("p").build(), 2);
    append(table, row(schema, 1L, 1), row(schema, 2L, 2));
    table.updateSpec().removeField("p").addField(Expressions.bucket("id", 4)).commit();
    append(table, row(schema, 3L, 1), row(schema, 4L, null));
    table.updateSchema().updateColumn("p", Types.LongType.get()).commit();

    assertThat(Scans.column(table, equal("p", 1L), "id")).containsExactlyInAnyOrder(1L, 3L);
    assertThat(Scans.column(table, equal("p", 2L), "p")).containsExactly(2L);
    assertThat(Scans.rows(table, Scans.where(equal("id", 2L), "_spec_id", "_partition")))
        .containsExactly(List.of(0, Arrays.asList(2L, null)));
    assertThat(Scans.column(table, equal("id", 3L), "p")).containsExactly(1L);
  }
}
