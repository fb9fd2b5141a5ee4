package dev.firn.it.history;

import dev.firn.LakeTable;
import dev.firn.LakeTransaction;
import dev.firn.Lakehouse;
import dev.firn.TableWriter;
import dev.firn.TransactionReceipt;
import dev.firn.TransactionTable;
import dev.firn.TransactionWriter;
import dev.firn.catalog.commit.CommitReceipt;
import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import dev.firn.it.history.Txn.Outcome;
import dev.firn.it.history.Txn.Read;
import dev.firn.it.history.Txn.Write;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.iceberg.data.Record;

/**
 * One of the processes that work on the same tables, with several threads. Prints what each thread
 * did, one {@link Txn} per line.
 */
final class WorkingProcess {
  static final List<String> TABLES = List.of("h.a", "h.b", "h.c");

  /** Elements are unique: the worker's number, times this, and a number of its own. */
  private static final long ELEMENTS = 1_000_000;

  record Row(long element) {}

  private final Lakehouse lake;
  private final int worker;
  private final Random random;
  private long elements;

  private WorkingProcess(Lakehouse lake, int worker, long seed) {
    this.lake = lake;
    this.worker = worker;
    this.random = new Random(seed * 1_000 + worker);
  }

  /** Arguments: warehouse, catalog, the first worker's number, how many, steps of each, seed. */
  public static void main(String[] args) throws Exception {
    int first = Integer.parseInt(args[2]);
    int steps = Integer.parseInt(args[4]);
    try (Lakehouse lake = Lakehouse.open(Map.of("warehouse", args[0], "catalog", args[1]))) {
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < Integer.parseInt(args[3]); i++) {
        WorkingProcess each = new WorkingProcess(lake, first + i, Long.parseLong(args[5]));
        threads.add(new Thread(() -> each.work(steps), "worker-" + each.worker));
      }
      System.out.println("ready");
      if (System.in.read() < 0) {
        return;
      }
      threads.forEach(Thread::start);
      for (Thread thread : threads) {
        thread.join();
      }
    }
    System.out.println("end");
  }

  private void work(int steps) {
    for (int step = 0; step < steps; step++) {
      int kind = random.nextInt(10);
      if (kind < 3) {
        append();
      } else if (kind < 4) {
        read();
      } else {
        transact(kind < 8, kind < 5 ? 0 : 1 + random.nextInt(2));
      }
    }
  }

  private static void say(Txn txn) {
    System.out.println(txn.line());
  }

  private String name(int step) {
    return "w" + worker + "." + step;
  }

  private Row next() {
    return new Row(worker * ELEMENTS + elements++);
  }

  /** A plain append, which joins a group. */
  private void append() {
    String table = TABLES.get(random.nextInt(TABLES.size()));
    Row row = next();
    long begin = System.nanoTime();
    Outcome outcome;
    long version = 0;
    try (TableWriter writer = lake.table(table).append()) {
      writer.write(row);
      version = writer.commit().sequenceNumber();
      outcome = Outcome.APPLIED;
    } catch (FirnException e) {
      outcome = outcome(e);
    }
    say(
        new Txn(
            name((int) elements),
            begin,
            System.nanoTime(),
            outcome,
            false,
            List.of(),
            List.of(new Write(table, row.element(), version))));
  }

  private void read() {
    String name = TABLES.get(random.nextInt(TABLES.size()));
    long begin = System.nanoTime();
    LakeTable table = lake.table(name);
    Read read = new Read(name, Txn.NEWEST_SEEN, elements(table.scan().toList()));
    say(
        new Txn(
            name((int) elements) + "r",
            begin,
            System.nanoTime(),
            Outcome.APPLIED,
            false,
            List.of(read),
            List.of()));
  }

  /** What one run of a transaction's function saw and staged. */
  private record Run(long begin, List<Read> reads, List<Write> writes) {}

  /** Reads two tables, the first one twice, and appends to some of them. */
  private void transact(boolean checked, int writes) {
    List<String> tables = new ArrayList<>(TABLES);
    Collections.shuffle(tables, random);
    List<Row> rows = List.of(next(), next()).subList(0, writes);
    List<Run> runs = new ArrayList<>();
    String name = name((int) elements) + "t";
    Outcome outcome;
    TransactionReceipt receipt = new TransactionReceipt(Map.of());
    try {
      receipt =
          lake.transact(
              transaction -> {
                Run run = new Run(System.nanoTime(), new ArrayList<>(), new ArrayList<>());
                runs.add(run);
                run(transaction, tables, rows, checked, run);
              });
      outcome = Outcome.APPLIED;
    } catch (FirnException e) {
      outcome = outcome(e);
    }
    long end = System.nanoTime();
    for (Run earlier : runs.subList(0, Math.max(0, runs.size() - 1))) {
      // The run was discarded, but what it read was there.
      say(
          new Txn(
              name + "-discarded",
              earlier.begin(),
              end,
              Outcome.NOT_APPLIED,
              false,
              earlier.reads(),
              List.of()));
    }
    Run last = runs.get(runs.size() - 1);
    say(
        new Txn(
            name,
            last.begin(),
            end,
            outcome,
            checked && writes > 0,
            last.reads(),
            versions(last.writes(), receipt)));
  }

  private static void run(
      LakeTransaction transaction, List<String> tables, List<Row> rows, boolean checked, Run run) {
    for (String table : List.of(tables.get(0), tables.get(1), tables.get(0))) {
      run.reads().add(read(transaction.table(table), table));
      if (checked) {
        transaction.requireUnchanged(table);
      }
    }
    for (int i = 0; i < rows.size(); i++) {
      String table = tables.get(i);
      try (TransactionWriter writer = transaction.table(table).append()) {
        writer.write(rows.get(i));
        writer.commit();
      }
      run.writes().add(new Write(table, rows.get(i).element(), 0));
    }
  }

  private static Read read(TransactionTable table, String name) {
    return new Read(name, Txn.NEWEST_SEEN, elements(table.scan().toList()));
  }

  private static List<Write> versions(List<Write> writes, TransactionReceipt receipt) {
    return writes.stream()
        .map(
            write ->
                new Write(
                    write.table(),
                    write.element(),
                    receipt.of(write.table()).map(CommitReceipt::sequenceNumber).orElse(0L)))
        .toList();
  }

  private static List<Long> elements(List<Record> rows) {
    return Arrays.asList(rows.stream().map(row -> (Long) row.get(0)).toArray(Long[]::new));
  }

  private static Outcome outcome(FirnException error) {
    if (error.kind() == ErrorKind.COMMIT_STATE_UNKNOWN) {
      return Outcome.UNKNOWN;
    }
    if (error.kind() == ErrorKind.CONFLICT) {
      return Outcome.NOT_APPLIED;
    }
    throw error;
  }
}
