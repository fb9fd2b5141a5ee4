package dev.firn.change;

import static org.apache.iceberg.expressions.Expressions.equal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.LakeTable;
import dev.firn.Lakehouse;
import dev.firn.TableWriter;
import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConcurrentChangesTest {
  private static final Schema SCHEMA =
      new Schema(
          Types.NestedField.required(1, "id", Types.LongType.get()),
          Types.NestedField.optional(2, "n", Types.LongType.get()));

  record Row(long id, Long n) {}

  @TempDir Path directory;
  private Lakehouse lake;
  private Lakehouse other;

  @BeforeEach
  void open() {
    lake = Lakehouse.open(directory.resolve("lake"));
    other = Lakehouse.open(directory.resolve("lake"));
  }

  @AfterEach
  void close() {
    lake.close();
    other.close();
  }

  private LakeTable table(int version, String mode) {
    return lake.createTable(
        "a.t",
        SCHEMA,
        t ->
            t.formatVersion(version)
                .property("write.merge.mode", mode)
                .property("write.update.mode", mode)
                .property("write.delete.mode", mode));
  }

  private interface Work {
    void run(LakeTable table, int worker);
  }

  /** Runs two workers from two processes' view at once; conflicts that outlast are counted. */
  private int together(Work work) throws Exception {
    AtomicInteger lost = new AtomicInteger();
    CountDownLatch start = new CountDownLatch(1);
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try {
      List<Future<?>> done = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        int worker = i;
        LakeTable table = (i == 0 ? lake : other).table("a.t");
        done.add(
            threads.submit(
                () -> {
                  start.await();
                  try {
                    work.run(table, worker);
                  } catch (FirnException e) {
                    assertThat(e.kind()).isEqualTo(ErrorKind.CONFLICT);
                    lost.incrementAndGet();
                  }
                  return null;
                }));
      }
      start.countDown();
      for (Future<?> each : done) {
        each.get();
      }
    } finally {
      threads.shutdownNow();
    }
    return lost.get();
  }

  @ParameterizedTest
  @CsvSource({"1, copy-on-write", "2, merge-on-read", "3, merge-on-read", "3, copy-on-write"})
  void mergesOfTheSameNewKeysInsertThemOnce(int version, String mode) throws Exception {
    LakeTable table = table(version, mode);
    for (int round = 0; round < 3; round++) {
      long first = round * 3L;
      int lost =
          together(
              (at, worker) ->
                  at.merge(
                          Stream.iterate(first, id -> id + 1)
                              .limit(6)
                              .map(id -> new Row(id, (long) worker))
                              .toList())
                      .on("id")
                      .whenMatched()
                      .updateAll()
                      .whenNotMatched()
                      .insertAll()
                      .run());
      assertThat(lost).isZero();
      assertThat(table.scan().toList(Row.class).stream().map(Row::id))
          .doesNotHaveDuplicates()
          .hasSize((round + 1) * 3 + 3);
    }
  }

  @ParameterizedTest
  @CsvSource({"2, merge-on-read", "3, merge-on-read", "3, copy-on-write"})
  void noUpdateIsLost(int version, String mode) throws Exception {
    LakeTable table = table(version, mode);
    try (TableWriter writer = table.append()) {
      writer.writeAll(List.of(new Row(1, 0L), new Row(2, 0L), new Row(3, 0L)));
      writer.commit();
    }
    AtomicInteger updates = new AtomicInteger();
    together(
        (at, worker) -> {
          for (int i = 0; i < 4; i++) {
            at.update(equal("id", 2L)).set("n", row -> (Long) row.getField("n") + 1).run();
            updates.incrementAndGet();
          }
        });
    assertThat(updates).hasPositiveValue();
    assertThat(table.scan().where(equal("id", 2L)).toList(Row.class))
        .containsExactly(new Row(2, (long) updates.get()));
    assertThat(table.scan().count()).isEqualTo(3);
  }

  @Test
  void leavesNothingBehindWhereItFails() throws IOException {
    LakeTable table = table(3, "merge-on-read");
    try (TableWriter writer = table.append()) {
      writer.writeAll(List.of(new Row(1, 0L), new Row(2, 0L)));
      writer.commit();
    }
    long before = files();
    assertThatThrownBy(
            () ->
                table
                    .update(equal("n", 0L))
                    .set("n", row -> (Long) row.getField("id") == 1 ? (Object) 5L : "five")
                    .run())
        .hasMessageContaining("column n");
    assertThatThrownBy(() -> table.update(equal("n", 0L)).set("id", (Object) null).run())
        .hasMessageContaining("column id");
    assertThat(files()).isEqualTo(before);
    assertThat(table.snapshots()).hasSize(1);
  }

  private long files() throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      return files.filter(f -> f.toString().matches(".*\\.(parquet|puffin)")).count();
    }
  }

  @Test
  void snapshotIsolationLetsAnotherWritersRowsBe() {
    LakeTable table = table(2, "merge-on-read");
    table.setProperties(java.util.Map.of("write.update.isolation-level", "snapshot"));
    try (TableWriter writer = table.append()) {
      writer.writeAll(List.of(new Row(1, 0L)));
      writer.commit();
    }
    boolean[] first = {true};
    table
        .update(equal("n", 0L))
        .set(
            "n",
            row -> {
              if (first[0]) {
                first[0] = false;
                append(other.table("a.t"), new Row(2, 0L));
              }
              return 1L;
            })
        .run();
    assertThat(table.scan().toList(Row.class))
        .containsExactlyInAnyOrder(new Row(1, 1L), new Row(2, 0L));
    table.setProperties(java.util.Map.of("write.update.isolation-level", "serializable"));
    first[0] = true;
    table
        .update(equal("n", 0L))
        .set(
            "n",
            row -> {
              if (first[0]) {
                first[0] = false;
                append(other.table("a.t"), new Row(3, 0L));
              }
              return 1L;
            })
        .run();
    assertThat(table.scan().toList(Row.class))
        .containsExactlyInAnyOrder(new Row(1, 1L), new Row(2, 1L), new Row(3, 1L));
    table.setProperties(java.util.Map.of("write.update.isolation-level", "loose"));
    assertThatThrownBy(() -> table.update(equal("n", 1L)).set("n", 2L).run())
        .hasMessageContaining("expected serializable or snapshot, got loose");
    table.setProperties(java.util.Map.of("write.delete.mode", "fast"));
    assertThatThrownBy(() -> table.delete(equal("n", 1L)))
        .hasMessageContaining("expected merge-on-read or copy-on-write, got fast");
  }

  private static void append(LakeTable table, Row row) {
    try (TableWriter writer = table.append()) {
      writer.write(row);
      writer.commit();
    }
  }

  @Test
  void changesABranchAlone() {
    LakeTable table = table(3, "merge-on-read");
    append(table, new Row(1, 0L));
    table.branch("audit");
    table.update(equal("id", 1L)).set("n", 9L).branch("audit").run();
    table
        .merge(List.of(new Row(2, 2L)))
        .on("id")
        .whenNotMatched()
        .insertAll()
        .branch("audit")
        .run();
    assertThat(table.scan().toList(Row.class)).containsExactly(new Row(1, 0L));
    assertThat(table.scan().ref("audit").toList(Row.class))
        .containsExactlyInAnyOrder(new Row(1, 9L), new Row(2, 2L));
    table.deleting(equal("id", 2L)).branch("audit").run();
    assertThat(table.scan().ref("audit").toList(Row.class)).containsExactly(new Row(1, 9L));
    assertThatThrownBy(() -> table.deleting(equal("id", 2L)).branch("adit").run())
        .hasMessageContaining("no branch 'adit'")
        .hasMessageContaining("audit");
  }
}
