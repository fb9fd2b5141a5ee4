package dev.firn.it;

import static org.apache.iceberg.expressions.Expressions.equal;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.LakeTable;
import dev.firn.TableWriter;
import dev.firn.testing.PostgresServer;
import dev.firn.testing.SparkProcess;
import dev.firn.testing.TestServers;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.apache.iceberg.Schema;
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
import org.junit.jupiter.params.provider.ValueSource;

/** What Spark writes, Firn reads, changes and writes on. */
@ExtendWith({SparkProcess.Shared.class, TestServers.class})
class SparkWritesTablesIT {
  private static final Schema COUNTS =
      new Schema(
          NestedField.required(1, "id", Types.LongType.get()),
          NestedField.optional(2, "who", Types.StringType.get()));

  @TempDir static Path directory;
  private static SharedLake shared;

  @BeforeAll
  static void open(SparkProcess spark) {
    shared = SharedLake.onSqlite(spark, directory);
    shared.lake().createNamespace("it", java.util.Map.of());
  }

  @AfterAll
  static void close() {
    shared.close();
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void mergedUpdatedDeletedAndEvolvedTables(int version) throws IOException {
    String name = "it.orders_v" + version;
    shared.spark(
        """
        create table %s.NAME (id bigint not null, st string, total decimal(10, 2), at timestamp,
          tags array<string>, attr struct<a: int, b: string>)
        using iceberg partitioned by (bucket(2, id), days(at))
        tblproperties ('format-version' = 'VERSION', 'write.delete.mode' = 'merge-on-read',
          'write.update.mode' = 'merge-on-read', 'write.merge.mode' = 'merge-on-read')"""
            .replace("NAME", name)
            .replace("VERSION", Integer.toString(version)));
    shared.spark(
        "insert into %s.NAME select id, concat('s', id %% 3), id * 1.5, timestamp '2024-05-05 10:00:00' + make_interval(0, 0, 0, int(id)), array('x', null), named_struct('a', int(id), 'b', 'y') from range(60)"
            .replace("%%", "%")
            .replace("NAME", name));
    LakeTable table = shared.lake().table(name);
    assertThat(shared.agreed(table)).hasSize(60);

    shared.spark("delete from %s.NAME where id in (3, 4, 41)".replace("NAME", name));
    shared.spark("update %s.NAME set total = -1 where st = 's2'".replace("NAME", name));
    assertThat(shared.agreed(table)).hasSize(57);
    shared.spark(
        """
        merge into %s.NAME t using (select id from range(50, 70)) s on t.id = s.id
        when matched and s.id < 55 then delete
        when matched then update set st = 'merged'
        when not matched then insert (id, st) values (s.id, 'new')"""
            .replace("NAME", name));
    assertThat(shared.agreed(table)).hasSize(62);
    shared.spark("alter table %s.NAME add column note string".replace("NAME", name));
    shared.spark(
        "insert into %s.NAME values (100, null, null, null, null, null, 'added')"
            .replace("NAME", name));
    assertThat(shared.agreed(table)).hasSize(63);

    table.delete(equal("st", "merged"));
    table.compact().everything().run();
    assertThat(shared.agreed(table)).hasSize(58).noneMatch(row -> row.contains("merged"));
  }

  @Test
  void bothAppendToOneTableByTurns() throws IOException {
    takeTurns(shared);
  }

  @Test
  void bothAppendToOneTableOfAPostgresCatalogByTurns(
      SparkProcess spark, PostgresServer server, @TempDir Path other) throws IOException {
    try (SharedLake onPostgres = SharedLake.open(spark, other, server.newDatabase())) {
      takeTurns(onPostgres);
    }
  }

  private static void takeTurns(SharedLake lake) throws IOException {
    LakeTable table = lake.lake().createTable("turns.counts", COUNTS);
    for (int turn = 0; turn < 3; turn++) {
      try (TableWriter writer = table.append()) {
        Record row = GenericRecord.create(writer.schema());
        row.setField("id", (long) turn);
        row.setField("who", "firn");
        writer.write(row);
        writer.commit();
      }
      lake.spark("insert into %s.turns.counts values (" + turn + ", 'spark')");
    }
    List<String> rows = lake.agreed(table);
    assertThat(rows)
        .containsExactly(
            "(0, 'firn')",
            "(0, 'spark')",
            "(1, 'firn')",
            "(1, 'spark')",
            "(2, 'firn')",
            "(2, 'spark')");
    assertThat(table.snapshots()).hasSize(6);
  }
}
