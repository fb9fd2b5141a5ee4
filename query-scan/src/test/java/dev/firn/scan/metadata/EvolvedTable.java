package dev.firn.scan.metadata;

import static dev.firn.testing.TableFixture.append;
import static dev.firn.testing.TableFixture.deleteEqual;
import static dev.firn.testing.TableFixture.deleteRows;
import static dev.firn.testing.TableFixture.formatVersion;
import static dev.firn.testing.TableFixture.row;
import static dev.firn.testing.TableFixture.write;

import dev.firn.testing.TableFixture;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.types.Types;

/** A table that has been through much: every kind of file, spec, schema, ref and operation. */
final class EvolvedTable {
  private static final Schema SCHEMA =
      new Schema(
          Types.NestedField.required(1, "id", Types.LongType.get()),
          Types.NestedField.optional(2, "p", Types.StringType.get()),
          Types.NestedField.optional(3, "at", Types.TimestampType.withoutZone()),
          Types.NestedField.optional(4, "x", Types.DoubleType.get()),
          Types.NestedField.optional(5, "n", Types.IntegerType.get()),
          Types.NestedField.optional(6, "dec", Types.DecimalType.of(20, 3)),
          Types.NestedField.optional(7, "u", Types.UUIDType.get()),
          Types.NestedField.optional(8, "f", Types.FixedType.ofLength(2)),
          Types.NestedField.optional(9, "b", Types.BinaryType.get()),
          Types.NestedField.optional(
              10,
              "s",
              Types.StructType.of(Types.NestedField.optional(11, "city", Types.StringType.get()))));

  private final Random random;
  private final Table table;
  private final List<DataFile> files = new ArrayList<>();
  private long nextId;

  /** What was deleted by position, as file and position, in the current snapshot. */
  final List<List<Object>> positionDeletes = new ArrayList<>();

  private EvolvedTable(Random random, Table table) {
    this.random = random;
    this.table = table;
  }

  static EvolvedTable make(TableFixture fixture, int version, long seed) {
    PartitionSpec spec =
        PartitionSpec.builderFor(SCHEMA).identity("p").identity("dec").identity("u").build();
    EvolvedTable made = new EvolvedTable(new Random(seed), fixture.create(SCHEMA, spec, version));
    made.live();
    return made;
  }

  Table table() {
    return table;
  }

  private void live() {
    add(FileFormat.PARQUET, 4);
    add(FileFormat.AVRO, 3);
    table.manageSnapshots().createTag("early", table.currentSnapshot().snapshotId()).commit();
    delete(files.get(0));
    table.updateSpec().removeField("dec").removeField("u").addField("x").commit();
    table.updateSchema().updateColumn("n", Types.LongType.get()).renameColumn("p", "q").commit();
    add(FileFormat.PARQUET, 4);
    table.updateSpec().removeField("p").removeField("x").commit();
    table
        .updateSpec()
        .addField(Expressions.day("at"))
        .addField(Expressions.bucket("id", 3))
        .commit();
    List<DataFile> last = add(FileFormat.ORC, 3);
    delete(last.get(0));
    table.newDelete().deleteFile(files.get(1)).commit();
    table.manageSnapshots().createBranch("side").commit();
    write(table, FileFormat.PARQUET, rows(2)).forEach(f -> appendTo("side", f));
    table.updateSpec().removeField("at_day").removeField("id_bucket_3").commit();
    add(FileFormat.PARQUET, 2);
    if (formatVersion(table) > 1) {
      Schema key = table.schema().select("id");
      if (table.specs().values().stream().anyMatch(PartitionSpec::isUnpartitioned)) {
        deleteEqual(table, key, null, row(key, 1L));
      }
      deleteEqual(table, key, last.get(0), row(key, 2L));
    }
    table.refresh();
  }

  private void appendTo(String branch, DataFile file) {
    table.newAppend().appendFile(file).toBranch(branch).commit();
  }

  private List<DataFile> add(FileFormat format, int rows) {
    List<DataFile> added = append(table, format, rows(rows).toArray(Record[]::new));
    files.addAll(added);
    return added;
  }

  private void delete(DataFile file) {
    if (formatVersion(table) > 1) {
      deleteRows(table, file, 0);
      positionDeletes.add(List.of(file.location(), 0L));
    }
  }

  private List<Record> rows(int count) {
    List<Record> rows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Object n =
          table.schema().findType("n").typeId() == org.apache.iceberg.types.Type.TypeID.LONG
              ? (Object) (long) random.nextInt(9)
              : (Object) random.nextInt(9);
      Record place = row(new Schema(SCHEMA.findField("s").type().asStructType().fields()), "c" + i);
      rows.add(
          row(
              table.schema(),
              nextId++,
              orNull("p" + random.nextInt(2)),
              orNull(LocalDateTime.of(2026, 1, 1 + random.nextInt(2), 3, 4, 5, 678_000)),
              orNull(random.nextInt(4) == 0 ? Double.NaN : random.nextInt(2) - 0.5),
              orNull(n),
              orNull(new BigDecimal("12345678901234567." + (100 + random.nextInt(2)))),
              orNull(new UUID(1, random.nextInt(2))),
              orNull(new byte[] {(byte) random.nextInt(4), -1}),
              orNull(ByteBuffer.wrap(new byte[] {(byte) random.nextInt(4)})),
              orNull(place)));
    }
    return rows;
  }

  private Object orNull(Object value) {
    return random.nextInt(5) == 0 ? null : value;
  }
}
