package dev.firn;

import static org.apache.iceberg.expressions.Expressions.equal;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A bank: each table is an account with one row for its balance, and money moves between two of
 * them, from several threads of two lakehouses, beside plain appends of rows worth nothing. Every
 * read of all accounts at once finds the same sum.
 */
abstract class TransferContract {
  private static final int ACCOUNTS = 20;
  private static final long BALANCE = 100;
  private static final int TRANSFERS = 6;
  private static final int APPENDS = 12;
  private static final Schema SCHEMA =
      new Schema(
          Types.NestedField.required(1, "id", Types.LongType.get()),
          Types.NestedField.required(2, "amount", Types.LongType.get()));

  record Row(long id, long amount) {}

  @TempDir private Path directory;
  private final List<String> accounts = new ArrayList<>();
  private final AtomicLong nextId = new AtomicLong(1);
  private final Map<Long, Integer> expected = new ConcurrentHashMap<>();
  private Lakehouse one;
  private Lakehouse two;

  /** Where the catalog is, the same at each call of one test. */
  abstract Settings settings(Path directory);

  @BeforeEach
  void open() {
    one = Lakehouse.open(settings(directory));
    two = Lakehouse.open(settings(directory));
    one.transact(
        tx -> {
          for (int i = 0; i < ACCOUNTS; i++) {
            String name = "bank.a" + i;
            accounts.add(name);
            write(tx.newTable(name, SCHEMA, t -> {}).append(), new Row(0, BALANCE));
          }
        });
  }

  @AfterEach
  void close() {
    one.close();
    two.close();
  }

  @Test
  void moneyIsNeitherLostNorMade() throws Exception {
    long seed = Long.getLong("firn.transfer.seed", 1);
    System.out.println(getClass().getSimpleName() + " -Dfirn.transfer.seed=" + seed);
    AtomicInteger writing = new AtomicInteger();
    List<Callable<Integer>> work = new ArrayList<>();
    for (Lakehouse lake : List.of(one, two)) {
      long offset = work.size();
      work.add(() -> transfers(lake, new Random(seed + offset)));
      work.add(() -> ledger(lake, new Random(seed + offset + 1)));
    }
    work.add(() -> appends(two, new Random(seed + work.size())));
    writing.set(work.size());
    List<Callable<Integer>> all = new ArrayList<>();
    work.forEach(
        each ->
            all.add(
                () -> {
                  try {
                    return each.call();
                  } finally {
                    writing.decrementAndGet();
                  }
                }));
    all.add(() -> reads(one, writing));
    ExecutorService pool = Executors.newFixedThreadPool(all.size());
    try {
      for (Future<Integer> each : pool.invokeAll(all)) {
        assertThat(each.get()).as("something got through").isPositive();
      }
    } finally {
      pool.shutdown();
    }
    check();
  }

  /** Sets two balances anew. Those that meet may conflict, and then nothing happened. */
  private int transfers(Lakehouse lake, Random random) {
    int applied = 0;
    for (int i = 0; i < TRANSFERS; i++) {
      String from = account(random);
      String to = account(random);
      if (from.equals(to)) {
        continue;
      }
      try {
        lake.transact(
            tx -> {
              set(tx.table(from), balance(tx.table(from)) - 1);
              set(tx.table(to), balance(tx.table(to)) + 1);
            });
        applied++;
      } catch (FirnException e) {
        assertThat(e.kind()).as(e.toString()).isEqualTo(ErrorKind.CONFLICT);
      }
    }
    return applied;
  }

  /** Adds what comes and what goes as rows of their own, which never conflicts. */
  private int ledger(Lakehouse lake, Random random) {
    for (int i = 0; i < TRANSFERS; i++) {
      String from = account(random);
      String to = account(random);
      long id = nextId.getAndIncrement();
      lake.transact(
          tx -> {
            write(tx.table(from).append(), new Row(id, -5));
            write(tx.table(to).append(), new Row(id, 5));
          });
      expected.put(id, 2);
    }
    return TRANSFERS;
  }

  private int appends(Lakehouse lake, Random random) {
    for (int i = 0; i < APPENDS; i++) {
      long id = nextId.getAndIncrement();
      try (TableWriter writer = lake.table(account(random)).append()) {
        writer.write(new Row(id, 0));
        writer.commit();
      }
      expected.put(id, 1);
    }
    return APPENDS;
  }

  private int reads(Lakehouse lake, AtomicInteger writing) {
    int reads = 0;
    while (writing.get() > 0 || reads == 0) {
      List<Record> rows = lake.transaction(accounts, this::everything);
      assertThat(rows.stream().mapToLong(row -> (Long) row.getField("amount")).sum())
          .isEqualTo(ACCOUNTS * BALANCE);
      reads++;
    }
    return reads;
  }

  private List<Record> everything(LakeTransaction tx) {
    List<Record> rows = new ArrayList<>();
    accounts.forEach(account -> rows.addAll(tx.table(account).scan().toList()));
    return rows;
  }

  private void check() {
    List<Record> rows = two.transaction(accounts, this::everything);
    Map<Long, Integer> found = new ConcurrentHashMap<>();
    Set<Long> balances = new HashSet<>();
    long sum = 0;
    for (Record row : rows) {
      sum += (Long) row.getField("amount");
      found.merge((Long) row.getField("id"), 1, Integer::sum);
      balances.add((Long) row.getField("amount"));
    }
    assertThat(found.remove(0L)).as("one balance each").isEqualTo(ACCOUNTS);
    assertThat(found).as("what was acknowledged, once").isEqualTo(expected);
    assertThat(sum).isEqualTo(ACCOUNTS * BALANCE);
    assertThat(balances).as("money moved").hasSizeGreaterThan(3);
  }

  private static long balance(TransactionTable account) {
    List<Record> rows = account.scan().where(equal("id", 0L)).toList();
    assertThat(rows).hasSize(1);
    return (Long) rows.get(0).getField("amount");
  }

  private static void set(TransactionTable account, long balance) {
    write(account.overwrite(equal("id", 0L)), new Row(0, balance));
  }

  private static void write(TransactionWriter writer, Row row) {
    try (writer) {
      writer.write(row);
      writer.commit();
    }
  }

  private String account(Random random) {
    return accounts.get(random.nextInt(ACCOUNTS));
  }
}
