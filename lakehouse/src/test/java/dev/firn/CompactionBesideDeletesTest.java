package dev.firn;

import static org.apache.iceberg.expressions.Expressions.equal;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.compaction.CompactionResult;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Compactions on our own catalog, beside a writer that deletes rows of their sources. */
class CompactionBesideDeletesTest {
  private static final Schema SCHEMA =
      new Schema(
          Types.NestedField.required(1, "id", Types.LongType.get()),
          Types.NestedField.required(2, "name", Types.StringType.get()));
  private static final int FILES = 6;
  private static final int ROWS = 200;
  private static final int COMPACTIONS = 4;

  @TempDir private Path directory;

  private static void append(LakeTable table, long from) {
    try (TableWriter writer = table.append()) {
      for (long id = from; id < from + ROWS; id++) {
        Record row = GenericRecord.create(SCHEMA);
        row.setField("id", id);
        row.setField("name", "n" + id);
        writer.write(row);
      }
      writer.commit();
    }
  }

  /** Row ids by id, where the format has them. */
  private static Map<Long, Object> rows(LakeTable table, int version) {
    Map<Long, Object> rows = new HashMap<>();
    LakeScan scan = version > 2 ? table.scan().select("id", "_row_id") : table.scan();
    try (ScanCursor cursor = scan.open()) {
      for (Record row : cursor) {
        Object rowId = version > 2 ? row.get(1) : "";
        assertThat(rows.put((Long) row.get(0), rowId)).as("%s twice", row).isNull();
      }
    }
    return rows;
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void everyOneOfThemSucceedsInTheSecondRoundAtTheLatest(int version) throws Exception {
    ExecutorService pool = Executors.newSingleThreadExecutor();
    try (Lakehouse lake = Lakehouse.open(directory.resolve("lake"))) {
      LakeTable table = lake.createTable("db.t", SCHEMA, t -> t.formatVersion(version));
      for (long file = 0; file < FILES; file++) {
        append(table, file * ROWS);
      }
      Map<Long, Object> expected = rows(table, version);
      AtomicBoolean going = new AtomicBoolean(true);
      AtomicInteger deletes = new AtomicInteger();
      Future<Long> deleter =
          pool.submit(
              () -> {
                LakeTable mine = lake.table("db.t");
                long id = 0;
                for (; going.get() && id < (long) FILES * ROWS; id++) {
                  assertThat(mine.delete(equal("id", id)).rows()).isEqualTo(1);
                  deletes.incrementAndGet();
                  LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
                }
                return id;
              });
      List<CompactionResult> results = new ArrayList<>();
      for (int i = 0; i < COMPACTIONS; i++) {
        int before = deletes.get();
        while (deletes.get() == before && !deleter.isDone()) {
          LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
        }
        results.add(lake.table("db.t").compact().everything().run());
      }
      going.set(false);
      for (long id = 0; id < deleter.get(); id++) {
        expected.remove(id);
      }

      assertThat(results)
          .allSatisfy(result -> assertThat(result.snapshotId()).isPresent())
          .allSatisfy(result -> assertThat(result.conflictsRetried()).isLessThanOrEqualTo(1));
      assertThat(rows(lake.table("db.t"), version)).isEqualTo(expected);
      assertThat(lake.table("db.t").verify().allSnapshots().deep().run().findings()).isEmpty();
    } finally {
      pool.shutdown();
    }
  }
}
