package dev.firn.it.store;

import static org.apache.iceberg.expressions.Expressions.and;
import static org.apache.iceberg.expressions.Expressions.equal;
import static org.apache.iceberg.expressions.Expressions.greaterThanOrEqual;
import static org.apache.iceberg.expressions.Expressions.lessThan;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.LakeTable;
import dev.firn.Lakehouse;
import dev.firn.RowWriter;
import dev.firn.TableWriter;
import dev.firn.TransactionWriter;
import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.expressions.Expression;

/** Changes rows that nobody else does, and knows them. Confined to one thread. */
final class ChaosWorker {
  private static final long IDS = 1L << 32;
  private static final int LARGE_ROWS = 60;
  private static final int LARGE_NOTE = 200_000;

  /** Once: the server has all objects in memory, and compactions write them again and again. */
  private static final int LARGE_STEP = 12;

  private static final int MOST_TRIES = 10;

  private final ChaosLake chaos;
  private final Lakehouse lake;
  private final int owner;
  private final Random random;
  private Map<String, NavigableMap<Long, String>> rows = new HashMap<>();
  private long next;
  private int steps;

  ChaosWorker(ChaosLake chaos, Lakehouse lake, int owner, long seed) {
    this.chaos = chaos;
    this.lake = lake;
    this.owner = owner;
    this.random = new Random(seed * 31 + owner);
    this.next = owner * IDS;
    ChaosLake.TABLES.forEach(name -> rows.put(name, new TreeMap<>()));
  }

  NavigableMap<Long, String> rows(String table) {
    return rows.get(table);
  }

  void run() {
    while (!chaos.isDone()) {
      String table = ChaosLake.TABLES.get(random.nextInt(ChaosLake.TABLES.size()));
      int what = random.nextInt(100);
      if (steps++ == LARGE_STEP) {
        append(table, LARGE_ROWS, LARGE_NOTE);
      } else if (what < 35) {
        append(table, 1 + random.nextInt(60), 12);
      } else if (what < 50) {
        delete(table);
      } else if (what < 60) {
        overwrite(table);
      } else if (what < 72) {
        move();
      } else {
        scan(table);
      }
    }
  }

  private void append(String table, int count, int length) {
    Map<Long, String> added = fresh(count, length);
    Map<String, NavigableMap<Long, String>> after = copy();
    after.get(table).putAll(added);
    change(
        after,
        () -> {
          try (TableWriter writer = lake.table(table).append()) {
            write(writer, added);
            writer.commit();
          }
        });
  }

  private void delete(String table) {
    NavigableMap<Long, String> some = some(table);
    Map<String, NavigableMap<Long, String>> after = copy();
    some.keySet().forEach(after.get(table)::remove);
    if (!some.isEmpty()) {
      change(after, () -> lake.table(table).delete(where(some)));
    }
  }

  /** Gives rows new notes. */
  private void overwrite(String table) {
    NavigableMap<Long, String> some = new TreeMap<>(some(table));
    some.replaceAll((id, note) -> note(12));
    Map<String, NavigableMap<Long, String>> after = copy();
    after.get(table).putAll(some);
    if (some.isEmpty()) {
      return;
    }
    change(
        after,
        () -> {
          try (TableWriter writer = lake.table(table).overwrite(where(some))) {
            write(writer, some);
            writer.commit();
          }
        });
  }

  /** Takes rows out of one table and puts them into the other, together. */
  private void move() {
    String from = ChaosLake.TABLES.get(0);
    String to = ChaosLake.TABLES.get(1);
    NavigableMap<Long, String> some = new TreeMap<>(some(from));
    Map<String, NavigableMap<Long, String>> after = copy();
    some.keySet().forEach(after.get(from)::remove);
    after.get(to).putAll(some);
    if (some.isEmpty()) {
      return;
    }
    change(
        after,
        () ->
            lake.transact(
                transaction -> {
                  transaction.table(from).delete(where(some));
                  try (TransactionWriter writer = transaction.table(to).append()) {
                    write(writer, some);
                    writer.commit();
                  }
                }));
  }

  private void scan(String table) {
    NavigableMap<Long, String> some = some(table);
    Expression filter = some.isEmpty() ? equal("owner", owner) : where(some);
    for (int tries = 1; ; tries++) {
      try {
        assertThat(ChaosLake.rows(lake.table(table).scan().where(filter).toList()))
            .as("rows of %s where %s", table, filter)
            .isEqualTo(some.isEmpty() ? rows(table) : some);
        chaos.scans.incrementAndGet();
        return;
      } catch (FirnException e) {
        if (e.kind() != ErrorKind.UNAVAILABLE || tries == MOST_TRIES) {
          throw e;
        }
        chaos.redone.incrementAndGet();
      }
    }
  }

  /** Makes a change; where it was not applied, again, and where nobody knows, looks. */
  private void change(Map<String, NavigableMap<Long, String>> after, Runnable change) {
    for (int tries = 1; ; tries++) {
      try {
        change.run();
        applied(after);
        return;
      } catch (FirnException e) {
        boolean unknown = e.kind() == ErrorKind.COMMIT_STATE_UNKNOWN;
        boolean again = e.kind() == ErrorKind.CONFLICT || e.kind() == ErrorKind.UNAVAILABLE;
        if (!unknown && (!again || tries == MOST_TRIES)) {
          throw e;
        }
        (unknown ? chaos.unknown : chaos.redone).incrementAndGet();
        if (unknown && read().equals(after)) {
          applied(after);
          return;
        }
        assertThat(read()).as("nothing was applied").isEqualTo(rows);
      }
    }
  }

  private void applied(Map<String, NavigableMap<Long, String>> after) {
    rows = after;
    chaos.commit(1);
  }

  private Map<String, Map<Long, String>> read() {
    Map<String, Map<Long, String>> read = new HashMap<>();
    for (String name : ChaosLake.TABLES) {
      LakeTable table = lake.table(name);
      read.put(name, ChaosLake.rows(table.scan().where(equal("owner", owner)).toList()));
    }
    return read;
  }

  private Map<String, NavigableMap<Long, String>> copy() {
    Map<String, NavigableMap<Long, String>> copy = new HashMap<>();
    rows.forEach((table, held) -> copy.put(table, new TreeMap<>(held)));
    return copy;
  }

  /** Consecutive rows of a table, at most a fifth of them. */
  private NavigableMap<Long, String> some(String table) {
    NavigableMap<Long, String> all = rows(table);
    if (all.isEmpty()) {
      return all;
    }
    long from = all.firstKey() + random.nextInt((int) (all.lastKey() - all.firstKey()) + 1);
    return all.subMap(from, true, from + all.size() / 5, true);
  }

  private Expression where(NavigableMap<Long, String> some) {
    return and(
        equal("owner", owner),
        greaterThanOrEqual("id", some.firstKey()),
        lessThan("id", some.lastKey() + 1));
  }

  private Map<Long, String> fresh(int count, int length) {
    Map<Long, String> fresh = new TreeMap<>();
    for (int i = 0; i < count; i++) {
      fresh.put(next++, note(length));
    }
    return fresh;
  }

  private String note(int length) {
    return random
        .ints(length, 'A', 'z')
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }

  private void write(RowWriter writer, Map<Long, String> added) {
    added.forEach(
        (id, note) -> {
          Record row = GenericRecord.create(writer.schema());
          row.setField("id", id);
          row.setField("owner", owner);
          row.setField("note", note);
          writer.write(row);
        });
  }
}
