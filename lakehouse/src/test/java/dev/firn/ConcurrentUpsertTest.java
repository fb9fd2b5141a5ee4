package dev.firn;

import static org.apache.iceberg.expressions.Expressions.equal;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.catalog.commit.CommitReceipt;
import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Streams that upsert the same keys at once, while others append, delete and compact: in the end
 * each key has one row, with the value that was committed last.
 */
@Timeout(600)
class ConcurrentUpsertTest {
  private static final String NAME = "shop.orders";
  private static final int KEYS = 50;
  private static final int BATCHES = 10;
  private static final Schema SCHEMA =
      new Schema(
          Types.NestedField.required(1, "id", Types.LongType.get()),
          Types.NestedField.required(2, "value", Types.StringType.get()));

  record Row(long id, String value) {}

  /** What was committed: the rows that came, by key; null for those that went. */
  record Done(CommitReceipt receipt, Map<Long, String> rows) {}

  @TempDir private Path directory;
  private final Queue<Done> done = new ConcurrentLinkedQueue<>();

  private Lakehouse open() {
    return Lakehouse.open(directory.resolve("lake"));
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void eachKeyHasTheRowCommittedLast(int version) throws Exception {
    AtomicBoolean over = new AtomicBoolean();
    try (Lakehouse first = open();
        Lakehouse second = open()) {
      first.createTable(NAME, SCHEMA, t -> t.key("id").formatVersion(version));
      ExecutorService threads = Executors.newFixedThreadPool(6);
      try {
        List<Future<?>> streams = new ArrayList<>();
        streams.add(threads.submit(() -> upsert(first, "a")));
        streams.add(threads.submit(() -> upsert(first, "b")));
        streams.add(threads.submit(() -> upsert(second, "c")));
        List<Future<?>> others = new ArrayList<>();
        others.add(threads.submit(() -> repeat(over, () -> compact(second))));
        others.add(threads.submit(() -> repeat(over, new Deletes(second)::run)));
        for (Future<?> stream : streams) {
          stream.get(5, TimeUnit.MINUTES);
        }
        over.set(true);
        for (Future<?> other : others) {
          other.get(5, TimeUnit.MINUTES);
        }
      } finally {
        over.set(true);
        threads.shutdown();
      }
      assertThat(rows(first)).isEqualTo(expected());
    }
  }

  private void upsert(Lakehouse lake, String channel) {
    Random random = new Random(channel.hashCode());
    try (StreamWriter stream = lake.table(NAME).stream(channel)) {
      for (int i = 0; i < BATCHES; i++) {
        Map<Long, String> rows = new TreeMap<>();
        for (int r = 0; r < 10; r++) {
          long id = random.nextInt(KEYS);
          String value = random.nextInt(4) == 0 ? null : channel + i;
          rows.put(id, value);
          if (value == null) {
            stream.delete(new Row(id, ""));
          } else {
            stream.upsert(new Row(id, value));
          }
        }
        CommitReceipt receipt = stream.commit(Integer.toString(i));
        if (receipt.snapshotId() != StreamWriter.NO_SNAPSHOT) {
          done.add(new Done(receipt, rows));
        }
      }
    }
  }

  private static void repeat(AtomicBoolean over, Runnable work) {
    while (!over.get()) {
      try {
        work.run();
      } catch (FirnException e) {
        // Lost to the streams: nothing was applied.
        assertThat(e.kind()).isEqualTo(ErrorKind.CONFLICT);
      }
    }
  }

  private static void compact(Lakehouse lake) {
    lake.table(NAME).compact().everything().run();
  }

  /** Deletes of one key after the other, by filter. */
  private final class Deletes {
    private final LakeTable table;
    private long next;

    Deletes(Lakehouse lake) {
      this.table = lake.table(NAME);
    }

    void run() {
      long id = next++ % KEYS;
      Map<Long, String> gone = new TreeMap<>();
      gone.put(id, null);
      table.delete(equal("id", id)).commit().ifPresent(each -> done.add(new Done(each, gone)));
    }
  }

  private Map<Long, String> expected() {
    Map<Long, String> rows = new TreeMap<>();
    done.stream()
        .sorted(
            Comparator.comparingLong((Done each) -> each.receipt().sequenceNumber())
                .thenComparing(each -> each.receipt().position()))
        .forEach(
            each ->
                each.rows()
                    .forEach(
                        (id, value) -> {
                          if (value == null) {
                            rows.remove(id);
                          } else {
                            rows.put(id, value);
                          }
                        }));
    return rows;
  }

  private static Map<Long, String> rows(Lakehouse lake) {
    Map<Long, String> rows = new TreeMap<>();
    for (Row row : lake.table(NAME).scan().toList(Row.class)) {
      assertThat(rows.put(row.id(), row.value())).as("a second row of " + row).isNull();
    }
    return rows;
  }

  @Test
  void aBusyTableDoesNotStarveAStream() throws Exception {
    AtomicBoolean over = new AtomicBoolean();
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try (Lakehouse lake = open()) {
      lake.createTable(NAME, SCHEMA, t -> t.key("id").formatVersion(3));
      List<Future<?>> writers = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        long id = 1_000L + i;
        writers.add(threads.submit(() -> repeat(over, () -> append(lake, id))));
      }
      try (StreamWriter stream = lake.table(NAME).stream("c")) {
        for (int i = 0; i < 10; i++) {
          stream.upsert(new Row(1, "v" + i));
          stream.commit(Integer.toString(i));
        }
        stream.upsert(new Row(1_000, "last"));
        stream.commit("10");
      }
      over.set(true);
      for (Future<?> writer : writers) {
        writer.get(5, TimeUnit.MINUTES);
      }
      assertThat(lake.table(NAME).scan().where(equal("id", 1L)).toList(Row.class))
          .containsExactly(new Row(1, "v9"));
      assertThat(lake.table(NAME).scan().where(equal("value", "last")).count()).isEqualTo(1);
    } finally {
      over.set(true);
      threads.shutdown();
    }
  }

  private static void append(Lakehouse lake, long id) {
    try (TableWriter writer = lake.table(NAME).append()) {
      writer.write(new Row(id, "appended"));
      writer.commit();
    }
  }
}
