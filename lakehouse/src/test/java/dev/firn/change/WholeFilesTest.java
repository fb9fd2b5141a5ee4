package dev.firn.change;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.LakeTable;
import dev.firn.Lakehouse;
import dev.firn.TableDefinition;
import dev.firn.TableWriter;
import dev.firn.Terms;
import dev.firn.testing.TableFixture;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What statistics and partitions say of whole files neither hides a row nor takes one too many. */
class WholeFilesTest {
  /** In the order of bytes the last is the greatest, in Java's and Iceberg's it is the least. */
  private static final List<UUID> IDS =
      List.of(new UUID(1, 1), new UUID(2, -1), new UUID(3, 0), new UUID(-1, 5));

  @TempDir private Path directory;
  private Lakehouse lake;

  @BeforeEach
  void open() {
    lake = Lakehouse.open(directory);
  }

  @AfterEach
  void close() {
    lake.close();
  }

  private LakeTable table(Type type, Consumer<TableDefinition> layout, Object... values) {
    Schema schema = new Schema(Types.NestedField.optional(1, "v", type));
    LakeTable table = lake.createTable("a.t", schema, layout);
    append(table, values);
    return table;
  }

  private static void append(LakeTable table, Object... values) {
    try (TableWriter writer = table.append()) {
      writer.writeAll(Arrays.stream(values).map(v -> TableFixture.row(table.schema(), v)).toList());
      writer.commit();
    }
  }

  private static List<Object> values(LakeTable table, Expression where) {
    return table.scan().where(where).toList().stream().map((Record row) -> row.get(0)).toList();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "v", "bucket(2, v)"})
  void findsAndDeletesByUuidWhateverItsOrder(String partition) {
    LakeTable table =
        table(
            Types.UUIDType.get(),
            t -> {
              if (!partition.isEmpty()) {
                t.partitionBy(Terms.parse(partition));
              }
            },
            IDS.toArray());
    for (UUID id : IDS) {
      assertThat(values(table, Expressions.equal("v", id))).containsExactly(id);
      assertThat(values(table, Expressions.in("v", id, new UUID(7, 7)))).containsExactly(id);
    }
    assertThat(values(table, Expressions.lessThan("v", IDS.get(0)))).containsExactly(IDS.get(3));
    assertThat(table.scan().where(Expressions.greaterThan("v", IDS.get(0))).count()).isEqualTo(2);

    assertThat(table.delete(Expressions.lessThan("v", IDS.get(1))).rows()).isEqualTo(2);
    assertThat(values(table, Expressions.alwaysTrue()))
        .containsExactlyInAnyOrder(IDS.get(1), IDS.get(2));
  }

  @Test
  void deletesByATransformOfAPartitionedColumn() {
    LakeTable table =
        table(Types.IntegerType.get(), t -> t.partitionBy("v"), 0, 1, 2, 3, 4, 5, 6, 7);
    Expression where = Expressions.equal(Expressions.bucket("v", 4), 2);
    List<Object> gone = values(table, where);

    assertThat(table.delete(where).rows()).isEqualTo(gone.size());
    assertThat(values(table, Expressions.alwaysTrue())).doesNotContainAnyElementsOf(gone);
    assertThat(table.scan().count()).isEqualTo(8 - gone.size());
  }

  @Test
  void takesWholeFilesWhereThePartitionSaysSo() {
    LakeTable table = table(Types.IntegerType.get(), t -> t.partitionBy("v"), 0, 1, 2, null);

    assertThat(table.delete(Expressions.lessThan("v", 2)))
        .satisfies(
            receipt -> {
              assertThat(receipt.rows()).isEqualTo(2);
              assertThat(receipt.filesRemoved()).isEqualTo(2);
            });
    assertThat(table.delete(Expressions.notEqual("v", 9)).rows()).isEqualTo(1);
    assertThat(table.scan().count()).isEqualTo(1);
  }

  /** Iceberg opens only the manifests of the delete files that it is told of. */
  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void takesTheDeletesOfWholeFilesAlong(int version) {
    LakeTable table = table(Types.IntegerType.get(), t -> t.formatVersion(version), 1, 4, 11, 12);
    table.evolve().addPartition(Terms.parse("truncate(10, v)")).commit();
    append(table, 2, 3);
    table.delete(Expressions.equal("v", 2));
    table.delete(Expressions.equal("v", 4));

    // One file goes whole, and rows of another, of the older spec.
    try (TableWriter writer = table.overwritePartitions()) {
      writer.write(TableFixture.row(table.schema(), 5));
      writer.commit();
    }

    assertThat(values(table, Expressions.alwaysTrue())).containsExactlyInAnyOrder(5, 11, 12);
    assertThat(table.verify().deep().run().findings()).isEmpty();
  }
}
