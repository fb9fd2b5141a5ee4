package dev.firn.it;

import static org.apache.iceberg.expressions.Expressions.alwaysTrue;
import static org.apache.iceberg.expressions.Expressions.equal;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.LakeScan;
import dev.firn.LakeTable;
import dev.firn.ScanCursor;
import dev.firn.SnapshotInfo;
import dev.firn.scan.metadata.MetadataTable;
import dev.firn.testing.SparkProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.regex.Pattern;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tables of every kind of delete and evolution, as others write them, read exactly. */
@ExtendWith(SparkProcess.Shared.class)
class ForeignTablesIT {
  /** Behind split offsets, equality ids and sort order; before what vectors refer to. */
  private static final Pattern FIRST_ROW_ID =
      Pattern.compile("(\\[\\d+\\], [^,]+, [^,]+), [^,]+((?:, [^,]+){3}\\)?, \\(\\()");

  private static final Schema KEYED =
      new Schema(
          NestedField.optional(1, "region", Types.StringType.get()),
          NestedField.optional(2, "id", Types.LongType.get()),
          NestedField.optional(3, "v", Types.IntegerType.get()));

  @TempDir static Path directory;
  private static SharedLake shared;

  @BeforeAll
  static void open(SparkProcess spark) {
    shared = SharedLake.onSqlite(spark, directory);
    shared.lake().createNamespace("they", Map.of());
  }

  @AfterAll
  static void close() {
    shared.close();
  }

  private static void spark(String name, String... statements) {
    for (String statement : statements) {
      shared.spark(statement.replace("NAME", name));
    }
  }

  @ParameterizedTest
  @CsvSource({"file", "partition"})
  void sparksPositionDeletesThenVectorsAfterAnUpgrade(String granularity) throws IOException {
    String name = "they.upgraded_" + granularity;
    spark(
        name,
        "create table %s.NAME (id bigint, p int, s string) using iceberg partitioned by (p) tblproperties ('format-version' = '2', 'write.delete.mode' = 'merge-on-read', 'write.update.mode' = 'merge-on-read', 'write.merge.mode' = 'merge-on-read', 'write.delete.granularity' = 'GRAIN')"
            .replace("GRAIN", granularity),
        "insert into %s.NAME select id, id % 2, 'a' from range(20)",
        "insert into %s.NAME select id, id % 2, 'b' from range(20, 40)",
        "delete from %s.NAME where id in (1, 3, 22, 24, 25)",
        "update %s.NAME set s = 'u' where id in (5, 26)");
    LakeTable table = shared.lake().table(name);
    assertThat(shared.agreed(table)).hasSize(35);

    spark(
        name,
        "alter table %s.NAME set tblproperties ('format-version' = '3')",
        "delete from %s.NAME where id in (7, 26, 30)",
        "insert into %s.NAME values (100, 1, 'new')",
        "update %s.NAME set s = 'late' where id in (8, 100)");
    assertThat(shared.agreed(table)).hasSize(33).contains("(100, 1, 'late')");
    table.delete(equal("id", 9L));
    assertThat(shared.agreed(table)).hasSize(32);
    spark(
        name,
        "call %s.system.rewrite_data_files(table => 'NAME', options => map('rewrite-all', 'true'))");
    assertThat(shared.agreed(table)).hasSize(32);
    metadataAgrees(table);
  }

  @ParameterizedTest
  @CsvSource({"2", "3"})
  void sparksEvolvedSchemasAndPartitions(int version) throws IOException {
    String name = "they.evolved_v" + version;
    spark(
        name,
        "create table %s.NAME (id int, a string, f float, d decimal(9, 2), st struct<x: int, y: string>, at timestamp) using iceberg partitioned by (a) tblproperties ('format-version' = 'V', 'write.delete.mode' = 'merge-on-read', 'write.update.mode' = 'merge-on-read', 'write.merge.mode' = 'merge-on-read')"
            .replace("'V'", "'" + version + "'"),
        "insert into %s.NAME select id, concat('a', id % 3), id / 2, id, named_struct('x', int(id), 'y', 'y'), timestamp '2026-01-30 00:00:00' + make_interval(0, 0, 0, int(id)) from range(12)",
        "alter table %s.NAME alter column id type bigint",
        "alter table %s.NAME alter column f type double",
        "alter table %s.NAME alter column d type decimal(18, 2)",
        "alter table %s.NAME rename column a to region",
        "alter table %s.NAME add column st.z double",
        "alter table %s.NAME drop column st.y",
        "alter table %s.NAME add column b int first",
        "alter table %s.NAME replace partition field region with days(at)",
        "insert into %s.NAME select int(id), 5000000000 + id, 'r', 1e300, 123456789012.25, named_struct('x', 1, 'z', 2.5), timestamp '2026-02-01 00:00:00' from range(4)",
        "delete from %s.NAME where id in (2, 5, 5000000001)",
        "alter table %s.NAME add partition field bucket(3, id)",
        "alter table %s.NAME drop partition field days(at)",
        "update %s.NAME set f = -1 where id in (3, 5000000002)",
        "alter table %s.NAME drop column b",
        "alter table %s.NAME add column b string",
        "merge into %s.NAME t using (select 4 as id, 'm' as b union all select 77, 'n') s on t.id = s.id when matched then update set b = s.b when not matched then insert (id, b) values (s.id, s.b)");
    LakeTable table = shared.lake().table(name);

    assertThat(shared.agreed(table)).hasSize(14);
    pastsAgree(table);
    spark(
        name,
        "call %s.system.rewrite_data_files(table => 'NAME', options => map('rewrite-all', 'true'))");
    assertThat(shared.agreed(table)).hasSize(14);
  }

  /** Each snapshot, in the schema of its time, as Spark reads it. */
  private static void pastsAgree(LakeTable table) {
    for (SnapshotInfo snapshot : table.snapshots()) {
      assertThat(
              sorted(
                  shared.spark(
                      "select * from %s." + table.name() + " version as of " + snapshot.id())))
          .as("Spark's rows of snapshot %d of %s", snapshot.id(), table.name())
          .isEqualTo(rows(table.scan().asOfSnapshot(snapshot.id())));
    }
  }

  /** What describes the table, as Spark reads it. */
  private static void metadataAgrees(LakeTable table) {
    for (MetadataTable kind : MetadataTable.values()) {
      String query = "select * from %s." + table.name() + "." + kind.tableName();
      assertThat(comparable(kind, sorted(shared.spark(query))))
          .as("Spark's %s of %s", kind, table.name())
          .isEqualTo(comparable(kind, rows(table.metadata(kind))));
    }
  }

  /**
   * Where lists from before and after an upgrade name a manifest, Iceberg takes it as whichever of
   * them it reads first has it, with a first row id or without: then that is left out.
   */
  private static List<String> comparable(MetadataTable kind, List<String> rows) {
    return kind.tableName().startsWith("all_")
        ? sorted(rows.stream().map(row -> FIRST_ROW_ID.matcher(row).replaceAll("$1, ?$2")).toList())
        : rows;
  }

  private static List<String> sorted(List<String> rows) {
    return rows.stream().sorted().toList();
  }

  private static List<String> rows(LakeScan scan) {
    List<String> rows = new ArrayList<>();
    try (ScanCursor cursor = scan.open()) {
      for (Record row : cursor) {
        rows.add(RowText.of(row, cursor.schema()));
      }
    }
    return sorted(rows);
  }

  /** A row, and the spec of the file that it is in. */
  private record Row(String region, Long id, int v, int spec) {
    boolean hasKeyOf(Row other) {
      return Objects.equals(region, other.region) && Objects.equals(id, other.id);
    }

    Record record() {
      Record record = GenericRecord.create(KEYED);
      record.setField("region", region);
      record.setField("id", id);
      record.setField("v", v);
      return record;
    }
  }

  @ParameterizedTest
  @CsvSource({"2, 1", "2, 2", "3, 1", "3, 2"})
  void flinksUpsertsByTwoColumnsWithNulls(int version, long seed) throws IOException {
    Random random = new Random(seed + Long.getLong("firn.scan.seed", 0));
    String name = "they.upserted_v%d_%d".formatted(version, seed);
    LakeTable table = shared.lake().createTable(name, KEYED, t -> t.formatVersion(version));
    List<Row> model = new ArrayList<>();
    for (int commit = 0; commit < 8; commit++) {
      if (commit == 3) {
        table.iceberg().updateSpec().addField("region").commit();
      }
      Table iceberg = table.iceberg();
      int spec = commit < 3 || random.nextInt(3) == 0 ? 0 : iceberg.spec().specId();
      List<Row> upserts = some(random, spec);
      List<Row> deletes = some(random, spec).subList(0, 2);
      EqualityDeltas.commit(
          iceberg,
          iceberg.specs().get(spec),
          KEYED.select("region", "id"),
          upserts.stream().map(Row::record).toList(),
          deletes.stream().map(Row::record).toList());
      for (Row row : upserts) {
        model.removeIf(old -> old.hasKeyOf(row) && (spec == 0 || old.spec() == spec));
        model.add(row);
      }
      for (Row row : deletes) {
        model.removeIf(old -> old.hasKeyOf(row) && (spec == 0 || old.spec() == spec));
      }
      assertThat(rows(table.scan()))
          .as("version %d, seed %d, commit %d", version, seed, commit)
          .isEqualTo(sorted(model.stream().map(r -> RowText.of(r.record(), KEYED)).toList()));
    }
    shared.agreed(table);
    assertThat(table.metadata(MetadataTable.DELETE_FILES).where(alwaysTrue()).count()).isPositive();
  }

  private static List<Row> some(Random random, int spec) {
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      String region = random.nextInt(4) == 0 ? null : "r" + random.nextInt(2);
      Long id = random.nextInt(4) == 0 ? null : Long.valueOf(random.nextInt(4));
      rows.add(new Row(region, id, random.nextInt(1000), spec));
    }
    return rows;
  }

  @Test
  void whatSparkSortedOrderedAndLeftEmptyIsRead() throws IOException {
    spark(
        "they.empty",
        "create table %s.NAME (id bigint, s string) using iceberg",
        "alter table %s.NAME write ordered by id desc nulls first",
        "insert into %s.NAME values (1, 'x'), (2, null), (null, 'y')",
        "delete from %s.NAME where true");
    LakeTable table = shared.lake().table("they.empty");

    assertThat(shared.agreed(table)).isEmpty();
    pastsAgree(table);
  }
}
