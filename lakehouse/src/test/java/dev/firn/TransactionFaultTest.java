package dev.firn;

import static org.apache.iceberg.expressions.Expressions.equal;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import dev.firn.testing.Fault;
import dev.firn.testing.FaultyDataSource;
import dev.firn.testing.FaultyFileIO;
import dev.firn.testing.FileOperation;
import dev.firn.testing.SqlFault;
import dev.firn.testing.TableFiles;
import java.io.UncheckedIOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.IntFunction;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every call on the database and the store of a transaction over three tables fails, each once; a
 * second lakehouse, which never fails, then finds all of its changes, or none and no file of it.
 */
class TransactionFaultTest {
  private static final Schema SCHEMA =
      new Schema(Types.NestedField.required(1, "id", Types.LongType.get()));

  private static final List<IntFunction<Fault>> STORE_FAULTS =
      List.of(
          nth -> Fault.before(FileOperation.OPEN, nth),
          nth -> Fault.before(FileOperation.READ, nth),
          nth -> Fault.before(FileOperation.CREATE, nth),
          nth -> Fault.after(FileOperation.CREATE, nth),
          Fault::diskFull,
          nth -> Fault.before(FileOperation.CLOSE, nth),
          nth -> Fault.after(FileOperation.CLOSE, nth),
          nth -> Fault.before(FileOperation.DELETE, nth),
          nth -> Fault.after(FileOperation.DELETE, nth));

  private static final List<IntFunction<SqlFault>> DATABASE_FAULTS =
      List.of(
          SqlFault::before,
          SqlFault::after,
          nth -> SqlFault.before(nth).cutting(),
          nth -> SqlFault.after(nth).cutting());

  /** {@code -Dfirn.faults.all=true}: every call, instead of some at random. */
  private static final boolean ALL = Boolean.getBoolean("firn.faults.all");

  private static final long PATIENCE_NANOS = 10_000_000_000L;
  private static final int STORE_SAMPLE = 1;
  private static final int DATABASE_SAMPLE = 5;

  record Row(long id) {}

  @TempDir private Path directory;
  private final long seed = Long.getLong("firn.faults.seed", 1);
  private final Random random = new Random(seed);
  private final Set<Path> excused = new HashSet<>();
  private FaultyFileIO store;
  private FaultyDataSource database;
  private Lakehouse faulty;
  private Lakehouse sound;
  private long next = 1;

  @BeforeEach
  void open() {
    System.out.println("TransactionFaultTest -Dfirn.faults.seed=" + seed);
    // What upkeep does in the background would look like files left behind.
    Settings settings =
        Settings.of(
            Map.of("warehouse", directory.resolve("lake").toString(), "firn.upkeep", "off"));
    sound = Lakehouse.open(settings);
    faulty =
        Lakehouse.open(
            settings,
            io -> store = new FaultyFileIO(io),
            pool -> database = new FaultyDataSource(pool));
    sound.createTable("a.x", SCHEMA);
    sound.createTable("a.y", SCHEMA);
    append(0);
  }

  @AfterEach
  void close() {
    store.reset();
    database.reset();
    faulty.close();
    sound.close();
  }

  @Test
  void allOrNothingWhateverStoreCallFails() {
    for (IntFunction<Fault> kind : STORE_FAULTS) {
      store.reset();
      withoutFault();
      for (int nth : sample(store.count(kind.apply(1).operation()), STORE_SAMPLE)) {
        Fault fault = kind.apply(nth);
        boolean leaves = fault.operation() == FileOperation.DELETE;
        check(fault.operation() + " " + nth + " " + fault.moment(), leaves, () -> store.add(fault));
      }
    }
  }

  @Test
  void allOrNothingWhateverDatabaseCallFails() {
    database.reset();
    withoutFault();
    int calls = database.calls().size();
    for (IntFunction<SqlFault> kind : DATABASE_FAULTS) {
      for (int nth : sample(calls, DATABASE_SAMPLE)) {
        SqlFault fault = kind.apply(nth);
        String what = "SQL call " + nth + " " + fault.moment() + (fault.cuts() ? " cut" : "");
        check(what, false, () -> database.add(fault));
      }
    }
  }

  private void withoutFault() {
    long id = next++;
    transaction(id);
    append(id);
    excused.addAll(present());
  }

  private List<Integer> sample(long calls, int size) {
    List<Integer> all = new ArrayList<>();
    for (int nth = 1; nth <= calls; nth++) {
      all.add(nth);
    }
    Collections.shuffle(all, random);
    return ALL ? all : all.subList(0, Math.min(all.size(), size));
  }

  private void check(String fault, boolean leavesFiles, Runnable arm) {
    long id = next++;
    store.reset();
    database.reset();
    arm.run();
    FirnException failure = run(id);
    store.reset();
    database.reset();
    String what = fault + ": " + failure;
    boolean made = sound.findTable("a.new" + id).isPresent();
    assertThat(ids("a.x").contains(id)).as(what).isEqualTo(made);
    assertThat(ids("a.y").contains(id - 1)).as(what).isEqualTo(!made);
    boolean unknown = failure != null && failure.kind() == ErrorKind.COMMIT_STATE_UNKNOWN;
    if (!unknown) {
      assertThat(made).as(what).isEqualTo(failure == null);
    }
    if (made) {
      assertThat(ids("a.new" + id)).as(what).containsExactly(id);
      append(id);
    } else {
      repair(id);
    }
    checkFiles(what, unknown || leavesFiles, made ? List.of("a.new" + id) : List.of());
  }

  /** What the next transaction deletes is there, whatever became of this one. */
  private void repair(long id) {
    sound.table("a.y").delete(equal("id", id - 1));
    append(id);
  }

  private @Nullable FirnException run(long id) {
    try {
      transaction(id);
      return null;
    } catch (FirnException e) {
      assertThat(e.kind())
          .as(e.toString())
          .isIn(ErrorKind.UNAVAILABLE, ErrorKind.COMMIT_STATE_UNKNOWN);
      return e;
    }
  }

  /** Adds to one table, deletes from another where the last one added, and makes a third. */
  private void transaction(long id) {
    faulty.transact(
        tx -> {
          add(tx.table("a.x"), id);
          tx.table("a.y").delete(equal("id", id - 1));
          add(tx.newTable("a.new" + id, SCHEMA, t -> {}), id);
        });
  }

  private static void add(TransactionTable table, long id) {
    try (TransactionWriter rows = table.append()) {
      rows.write(new Row(id));
      rows.commit();
    }
  }

  private void append(long id) {
    try (TableWriter rows = sound.table("a.y").append()) {
      rows.write(new Row(id));
      rows.write(new Row(-1));
      rows.commit();
    }
  }

  private Set<Long> ids(String table) {
    Set<Long> ids = new TreeSet<>();
    for (Record row : sound.table(table).scan().toList()) {
      ids.add((Long) row.get(0));
    }
    return ids;
  }

  private void checkFiles(String what, boolean mayLeave, List<String> made) {
    Set<Path> known = new HashSet<>();
    List<String> names = new ArrayList<>(made);
    names.addAll(List.of("a.x", "a.y"));
    for (String name : names) {
      Table table = sound.table(name).iceberg();
      assertThat(TableFiles.needed(table)).as(what).allMatch(file -> file.toFile().exists());
      known.addAll(TableFiles.needed(table));
      known.addAll(TableFiles.earlierMetadata(table));
    }
    known.addAll(excused);
    Set<Path> orphans = orphans(known);
    // Old metadata files go after the commit that no longer names them, and off its path.
    long giveUp = System.nanoTime() + PATIENCE_NANOS;
    while (!mayLeave && !orphans.isEmpty() && System.nanoTime() - giveUp < 0) {
      Thread.onSpinWait();
      orphans = orphans(known);
    }
    if (!mayLeave) {
      assertThat(orphans).as(what).isEmpty();
    }
    excused.addAll(present());
  }

  private Set<Path> orphans(Set<Path> known) {
    Set<Path> orphans = new TreeSet<>(present());
    orphans.removeIf(file -> file.getFileName().toString().startsWith(Settings.EMBEDDED_CATALOG));
    // A store that fails right after it created a file never gives the stream to be closed.
    orphans.removeIf(file -> file.toString().endsWith(".firn-tmp"));
    orphans.removeAll(known);
    return orphans;
  }

  /** Again where a file went while they were listed. */
  private Set<Path> present() {
    while (true) {
      try {
        return TableFiles.present(directory.resolve("lake"));
      } catch (UncheckedIOException e) {
        assertThat(e).hasCauseInstanceOf(NoSuchFileException.class);
      }
    }
  }
}
