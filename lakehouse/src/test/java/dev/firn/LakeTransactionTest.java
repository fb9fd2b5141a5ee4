package dev.firn;

import static org.apache.iceberg.expressions.Expressions.equal;
import static org.apache.iceberg.expressions.Expressions.greaterThan;
import static org.apache.iceberg.expressions.Expressions.lessThan;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import dev.firn.testing.TableFiles;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.Types;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LakeTransactionTest {
  private static final Schema SCHEMA =
      new Schema(
          Types.NestedField.required(1, "id", Types.LongType.get()),
          Types.NestedField.optional(2, "v", Types.StringType.get()));

  record Row(long id, String v) {}

  @TempDir private Path directory;
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

  @Test
  void changesTablesTogether() {
    create(2, "a.x", "a.y");

    TransactionReceipt receipt =
        lake.transact(
            tx -> {
              append(tx.table("a.x"), 1, 2);
              append(tx.table("a.y"), 3);
              assertThat(ids("a.x")).as("seen from outside").isEmpty();
            });

    assertThat(ids("a.x")).containsExactly(1L, 2L);
    assertThat(ids("a.y")).containsExactly(3L);
    assertThat(receipt.tables()).containsOnlyKeys("a.x", "a.y");
    assertThat(receipt.of("a.x").orElseThrow().snapshotId())
        .isEqualTo(other.table("a.x").iceberg().currentSnapshot().snapshotId());
    assertThat(other.table("a.x").snapshots()).hasSize(1);
  }

  @Test
  void returnsWhatTheFunctionReturns() {
    create(2, "a.x");
    append("a.x", 1, 2);

    long rows = lake.transaction(tx -> tx.table("a.x").scan().count());

    assertThat(rows).isEqualTo(2);
  }

  @Test
  void leavesNothingBehindWhereTheFunctionThrows() {
    create(2, "a.x", "a.y");
    append("a.x", 1, 2);
    Set<Path> before = files();

    assertThatThrownBy(
            () ->
                lake.transact(
                    tx -> {
                      append(tx.table("a.x"), 7);
                      tx.table("a.x").delete(equal("id", 1));
                      assertThat(ids(tx.table("a.x"))).containsExactly(2L, 7L);
                      tx.table("a.y").append().write(new Row(9, "never committed"));
                      throw new IllegalStateException("the caller's own");
                    }))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("the caller's own");

    assertThat(ids("a.x")).containsExactly(1L, 2L);
    assertThat(files()).isEqualTo(before);
  }

  @Test
  void refusesHandlesAfterItsEnd() {
    create(2, "a.x");
    List<TransactionTable> kept = new ArrayList<>();
    List<LakeTransaction> transactions = new ArrayList<>();
    lake.transact(
        tx -> {
          kept.add(tx.table("a.x"));
          transactions.add(tx);
        });

    assertThatThrownBy(() -> kept.get(0).scan())
        .isInstanceOf(FirnException.class)
        .hasMessage("Cannot use a transaction after its function has returned: open another");
    assertThatThrownBy(() -> transactions.get(0).table("a.x"))
        .hasMessageContaining("after its function has returned");
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void readsItsOwnWrites(int version) {
    create(version, "a.x");
    append("a.x", 1, 2, 3, 4);
    other.table("a.x").delete(equal("id", 4));

    lake.transact(
        tx -> {
          TransactionTable table = tx.table("a.x");
          append(table, 5, 6, 7);
          assertThat(ids(table)).containsExactly(1L, 2L, 3L, 5L, 6L, 7L);
          assertThat(table.delete(equal("id", 6)).rows()).isEqualTo(1);
          assertThat(table.delete(equal("id", 2)).filesMarked()).isEqualTo(1);
          assertThat(table.delete(equal("id", 6)).rows()).isZero();
          assertThat(ids(table)).containsExactly(1L, 3L, 5L, 7L);
          assertThat(table.delete(equal("id", 7)).rows()).isEqualTo(1);
          try (TransactionWriter rows = table.overwrite(lessThan("id", 4))) {
            rows.write(new Row(10, "new"));
            rows.commit();
          }
          assertThat(ids(table)).containsExactly(5L, 10L);
        });

    assertThat(ids("a.x")).containsExactly(5L, 10L);
    assertThat(other.table("a.x").snapshots()).as("one for the transaction").hasSize(3);
    assertNothingUnreachable("a.x");
  }

  @Test
  void dropsFilesThatItAddedAndTookAwayAgain() {
    create(2, "a.x");
    append("a.x", 1);

    lake.transact(
        tx -> {
          TransactionTable table = tx.table("a.x");
          append(table, 5, 6);
          assertThat(table.delete(greaterThan("id", 4)).filesRemoved()).isEqualTo(1);
          append(table, 2);
        });

    assertThat(ids("a.x")).containsExactly(1L, 2L);
    assertThat(other.table("a.x").iceberg().currentSnapshot().summary().get("added-data-files"))
        .isEqualTo("1");
    assertNothingUnreachable("a.x");
  }

  @Test
  void seesAllTablesAsOfOneMoment() {
    create(2, "a.x", "a.y");
    AtomicInteger runs = new AtomicInteger();

    List<Integer> seen =
        lake.transaction(
            tx -> {
              int x = ids(tx.table("a.x")).size();
              if (runs.incrementAndGet() == 1) {
                other.transact(
                    both -> {
                      append(both.table("a.x"), 1);
                      append(both.table("a.y"), 1);
                    });
              }
              return List.of(x, ids(tx.table("a.y")).size());
            });

    assertThat(seen).containsExactly(1, 1);
    assertThat(runs).hasValue(2);
  }

  @Test
  void looksAtDeclaredTablesTogetherAndNeverRunsAgainForThem() {
    create(2, "a.x", "a.y");
    AtomicInteger runs = new AtomicInteger();

    List<Integer> seen =
        lake.transaction(
            List.of("a.x", "a.y"),
            tx -> {
              runs.incrementAndGet();
              int x = ids(tx.table("a.x")).size();
              other.transact(
                  both -> {
                    append(both.table("a.x"), 1);
                    append(both.table("a.y"), 1);
                  });
              return List.of(x, ids(tx.table("a.y")).size());
            });

    assertThat(seen).containsExactly(0, 0);
    assertThat(runs).hasValue(1);
  }

  @Test
  void givesUpWhereTablesNeverStandStill() {
    create(2, "a.x", "a.y");

    assertThatThrownBy(
            () ->
                lake.transaction(
                    TransactionOptions.DEFAULT.attempts(1),
                    tx -> {
                      tx.table("a.x");
                      append("a.x", 1);
                      return tx.table("a.y").scan().count();
                    }))
        .isInstanceOf(FirnException.class)
        .hasMessage(
            "Cannot read a.y in a transaction: a.x, which it read before, has changed since, so"
                + " that the two cannot be seen as of one moment; name both when the transaction"
                + " begins")
        .extracting(e -> ((FirnException) e).kind())
        .isEqualTo(ErrorKind.CONFLICT);
  }

  @Test
  void runsAgainEvenWhereTheFunctionHidesThatItMust() {
    create(2, "a.x", "a.y");
    AtomicInteger runs = new AtomicInteger();

    lake.transact(
        tx -> {
          append(tx.table("a.x"), runs.incrementAndGet());
          if (runs.get() == 1) {
            append("a.x", 100);
          }
          try {
            append(tx.table("a.y"), runs.get());
          } catch (FirnException e) {
            assertThat(e.kind()).isEqualTo(ErrorKind.CONFLICT);
          }
        });

    assertThat(ids("a.x")).containsExactly(2L, 100L);
    assertThat(ids("a.y")).containsExactly(2L);
  }

  @Test
  void appendsNeverConflict() {
    create(2, "a.x", "a.y");
    AtomicInteger runs = new AtomicInteger();

    lake.transact(
        tx -> {
          runs.incrementAndGet();
          append(tx.table("a.x"), 1);
          append("a.x", 2);
          other.table("a.x").setProperties(Map.of("k", "v"));
        });

    assertThat(ids("a.x")).containsExactly(1L, 2L);
    assertThat(runs).hasValue(1);
  }

  @Test
  void deletesRunAgainWhereTheirRowsChanged() {
    create(2, "a.x", "a.y");
    append("a.x", 1, 2, 3);
    AtomicInteger runs = new AtomicInteger();

    lake.transact(
        tx -> {
          append(tx.table("a.y"), 50 + runs.incrementAndGet());
          tx.table("a.x").delete(lessThan("id", 3));
          if (runs.get() == 1) {
            other.table("a.x").delete(equal("id", 1));
          }
        });

    assertThat(runs).hasValue(2);
    assertThat(ids("a.x")).containsExactly(3L);
    assertThat(ids("a.y")).containsExactly(52L);
    assertNothingUnreachable("a.x", "a.y");
  }

  @Test
  void namesTheTableOfAConflict() {
    create(2, "a.x", "a.y");
    append("a.x", 1, 2, 3);

    assertThatThrownBy(
            () ->
                lake.transaction(
                    TransactionOptions.DEFAULT.attempts(1),
                    tx -> {
                      append(tx.table("a.y"), 1);
                      tx.table("a.x").delete(equal("id", 2));
                      other.table("a.x").delete(equal("id", 1));
                      return true;
                    }))
        .isInstanceOf(FirnException.class)
        .hasMessageStartingWith("Cannot commit to a.x: ")
        .extracting(e -> ((FirnException) e).kind())
        .isEqualTo(ErrorKind.CONFLICT);
    assertThat(ids("a.y")).isEmpty();
    assertThat(ids("a.x")).containsExactly(2L, 3L);
    assertNothingUnreachable("a.x", "a.y");
  }

  @Test
  void snapshotIsolationLetsRowsAppearWhereItLooked() {
    create(2, "a.x");
    other.table("a.x").setProperties(Map.of("write.delete.isolation-level", "snapshot"));
    append("a.x", 1, 2);
    AtomicInteger runs = new AtomicInteger();

    lake.transact(
        tx -> {
          runs.incrementAndGet();
          tx.table("a.x").delete(lessThan("id", 10));
          append("a.x", 3);
        });

    assertThat(ids("a.x")).containsExactly(3L);
    assertThat(runs).hasValue(1);
  }

  @Test
  void serializableIsolationDoesNot() {
    create(2, "a.x");
    append("a.x", 1, 2);
    AtomicInteger runs = new AtomicInteger();

    lake.transact(
        tx -> {
          tx.table("a.x").delete(lessThan("id", 10));
          if (runs.incrementAndGet() == 1) {
            append("a.x", 3);
          }
        });

    assertThat(ids("a.x")).isEmpty();
    assertThat(runs).hasValue(2);
  }

  @Test
  void overwritesOfAnEmptyTableAtOnceAreNotBothApplied() {
    create(2, "a.x");
    AtomicInteger runs = new AtomicInteger();

    lake.transact(
        tx -> {
          overwrite(tx.table("a.x"), 1);
          if (runs.incrementAndGet() == 1) {
            other.transact(second -> overwrite(second.table("a.x"), 1));
          }
        });

    assertThat(ids("a.x")).containsExactly(1L);
    assertThat(runs).hasValue(2);
  }

  @Test
  void writeSkewIsPossibleAndCanBeExcluded() {
    create(2, "a.x", "a.y");

    skew(false);
    assertThat(ids("a.x")).containsExactly(1L);
    assertThat(ids("a.y")).containsExactly(1L);

    other.table("a.x").delete(equal("id", 1));
    other.table("a.y").delete(equal("id", 1));
    skew(true);
    assertThat(ids("a.x").size() + ids("a.y").size()).isEqualTo(1);
  }

  /** Two transactions, each: no row in the one table, so one into the other. */
  private void skew(boolean excluded) {
    AtomicInteger runs = new AtomicInteger();
    lake.transact(
        TransactionOptions.DEFAULT.tables(List.of("a.x", "a.y")),
        tx -> {
          if (ids(tx.table("a.x")).isEmpty()) {
            append(tx.table("a.y"), 1);
          }
          if (excluded) {
            tx.requireUnchanged("a.x");
          }
          if (runs.incrementAndGet() == 1) {
            other.transact(
                TransactionOptions.DEFAULT.tables(List.of("a.x", "a.y")),
                second -> {
                  if (ids(second.table("a.y")).isEmpty()) {
                    append(second.table("a.x"), 1);
                  }
                  if (excluded) {
                    second.requireUnchanged("a.y");
                  }
                });
          }
        });
    assertThat(runs).hasValue(excluded ? 2 : 1);
  }

  @Test
  void requiredTableThatItChangesItselfMustNotHaveMoved() {
    create(2, "a.x");
    AtomicInteger runs = new AtomicInteger();

    lake.transact(
        tx -> {
          tx.requireUnchanged("a.x");
          append(tx.table("a.x"), ids(tx.table("a.x")).size());
          if (runs.incrementAndGet() == 1) {
            append("a.x", 7);
          }
        });

    assertThat(ids("a.x")).containsExactly(1L, 7L);
    assertThat(runs).hasValue(2);
  }

  @Test
  void makesTablesWithTheirRows() {
    create(2, "a.x");

    lake.transact(
        tx -> {
          TransactionTable made = tx.newTable("b.new", SCHEMA, t -> t.partitionBy("v"));
          append(made, 1, 2);
          assertThat(ids(tx.table("b.new"))).containsExactly(1L, 2L);
          made.delete(equal("id", 2));
          append(tx.table("a.x"), 3);
          assertThat(other.findTable("b.new")).isEmpty();
        });

    assertThat(ids("b.new")).containsExactly(1L);
    assertThat(other.table("b.new").iceberg().spec().isPartitioned()).isTrue();
    assertThat(ids("a.x")).containsExactly(3L);
    append("b.new", 4);
    assertThat(ids("b.new")).containsExactly(1L, 4L);
  }

  @Test
  void tableMadeMeanwhileIsMetByAnotherRun() {
    create(2, "a.x");
    AtomicInteger runs = new AtomicInteger();

    lake.transact(
        tx -> {
          append(tx.table("a.x"), 1);
          TransactionTable made =
              tx.findTable("a.new").orElseGet(() -> tx.newTable("a.new", SCHEMA, t -> {}));
          append(made, 1);
          if (runs.incrementAndGet() == 1) {
            create(2, "a.new");
            append("a.new", 9);
          }
        });

    assertThat(ids("a.new")).containsExactly(1L, 9L);
    assertThat(ids("a.x")).containsExactly(1L);
    assertThat(runs).hasValue(2);
    assertNothingUnreachable("a.x", "a.new");
  }

  @Test
  void refusesToMakeATableThatIsThere() {
    create(2, "a.x");

    assertThatThrownBy(() -> lake.transact(tx -> tx.newTable("a.x", SCHEMA, t -> {})))
        .isInstanceOf(FirnException.class)
        .hasMessageStartingWith("Cannot create table a.x: it exists already");
  }

  @Test
  void namesNearTablesOfOneThatIsMissing() {
    create(2, "a.orders");

    assertThatThrownBy(() -> lake.transact(tx -> tx.table("a.order")))
        .isInstanceOf(FirnException.class)
        .hasMessageContaining("Cannot find table a.order")
        .hasMessageContaining("a.orders");
  }

  @Test
  void changesColumnsAndPropertiesWithRows() {
    create(2, "a.x", "a.y");
    append("a.x", 1);

    TransactionReceipt receipt =
        lake.transact(
            tx -> {
              TransactionTable table = tx.table("a.x");
              table.evolve().addColumn("w", Types.LongType.get()).renameColumn("v", "u").commit();
              table.setProperties(Map.of("k", "1"));
              try (TransactionWriter rows = table.append()) {
                rows.write(GenericRecord.create(rows.schema()).copy(Map.of("id", 2L, "w", 5L)));
                rows.commit();
              }
              assertThat(table.scan().where(equal("w", 5L)).count()).isEqualTo(1);
              tx.table("a.y").setProperties(Map.of("k", "2"));
              append("a.x", 3);
            });

    assertThat(ids("a.x")).containsExactly(1L, 2L, 3L);
    assertThat(other.table("a.x").schema().findField("w")).isNotNull();
    assertThat(other.table("a.x").schema().findField("u")).isNotNull();
    assertThat(other.table("a.x").iceberg().properties()).containsEntry("k", "1");
    assertThat(other.table("a.y").iceberg().properties()).containsEntry("k", "2");
    assertThat(receipt.tables().get("a.y")).isEmpty();
    assertThat(receipt.tables().get("a.x")).hasSize(1);
  }

  @Test
  void columnsAddedByTwoAtOnceAreBothThereAndKeepTheirValues() {
    create(2, "a.x");
    AtomicInteger runs = new AtomicInteger();

    lake.transact(
        tx -> {
          TransactionTable table = tx.table("a.x");
          table.evolve().addColumn("mine", Types.LongType.get()).commit();
          try (TransactionWriter rows = table.append()) {
            rows.write(GenericRecord.create(rows.schema()).copy(Map.of("id", 1L, "mine", 11L)));
            rows.commit();
          }
          if (runs.incrementAndGet() == 1) {
            other.table("a.x").evolve().addColumn("theirs", Types.LongType.get()).commit();
          }
        });

    assertThat(runs).hasValue(2);
    assertThat(other.table("a.x").scan().where(equal("mine", 11L)).count()).isEqualTo(1);
    assertThat(other.table("a.x").schema().findField("theirs")).isNotNull();
  }

  @Test
  void checksRowsByTheNamesThatTheirColumnsHaveInTheEnd() {
    create(2, "a.x");
    append("a.x", 1, 2);

    lake.transact(
        tx -> {
          tx.table("a.x").delete(equal("v", "v1"));
          tx.table("a.x").evolve().renameColumn("v", "u").commit();
        });

    assertThat(ids("a.x")).containsExactly(2L);
  }

  @Test
  void appendsToBranches() {
    create(2, "a.x");
    append("a.x", 1);
    other.table("a.x").branch("audit");

    TransactionReceipt receipt =
        lake.transact(
            tx -> {
              TransactionTable table = tx.table("a.x");
              try (TransactionWriter rows = table.append(AppendOptions.DEFAULT.branch("audit"))) {
                rows.write(new Row(2, "two"));
                rows.commit();
              }
              append(table, 3);
              assertThat(ids(table)).containsExactly(1L, 3L);
              assertThat(table.scan().ref("audit").count()).isEqualTo(2);
            });

    assertThat(ids("a.x")).containsExactly(1L, 3L);
    assertThat(other.table("a.x").scan().ref("audit").count()).isEqualTo(2);
    assertThat(receipt.tables().get("a.x")).hasSize(2);
  }

  @Test
  void droppedTableIsAConflictThatAnotherRunExplains() {
    create(2, "a.x", "a.y");

    assertThatThrownBy(
            () ->
                lake.transact(
                    tx -> {
                      append(tx.table("a.y"), 1);
                      append(tx.table("a.x"), 1);
                      other.dropTable("a.x");
                    }))
        .isInstanceOf(FirnException.class)
        .hasMessageContaining("Cannot find table a.x")
        .asInstanceOf(InstanceOfAssertFactories.type(FirnException.class))
        .extracting(FirnException::kind)
        .isEqualTo(ErrorKind.NOT_FOUND);
    assertThat(ids("a.y")).isEmpty();
  }

  private void create(int version, String... names) {
    for (String name : names) {
      other.createTable(name, SCHEMA, t -> t.formatVersion(version));
    }
  }

  private void append(String name, long... ids) {
    try (TableWriter rows = other.table(name).append()) {
      for (long id : ids) {
        rows.write(new Row(id, "v" + id));
      }
      rows.commit();
    }
  }

  private static void append(TransactionTable table, long... ids) {
    try (TransactionWriter rows = table.append()) {
      for (long id : ids) {
        rows.write(new Row(id, "v" + id));
      }
      rows.commit();
    }
  }

  private static void overwrite(TransactionTable table, long id) {
    try (TransactionWriter rows = table.overwrite(equal("id", id))) {
      rows.write(new Row(id, "v" + id));
      rows.commit();
    }
  }

  private Set<Long> ids(String name) {
    return ids(other.table(name).scan().toList());
  }

  private static Set<Long> ids(TransactionTable table) {
    return ids(table.scan().toList());
  }

  private static Set<Long> ids(List<Record> rows) {
    Set<Long> ids = new TreeSet<>();
    rows.forEach(row -> assertThat(ids.add((Long) row.getField("id"))).isTrue());
    return ids;
  }

  /** Every file that is there is needed by a snapshot, or is earlier metadata. */
  private void assertNothingUnreachable(String... names) {
    Set<Path> reachable = new TreeSet<>();
    for (String name : names) {
      Table table = other.table(name).iceberg();
      reachable.addAll(TableFiles.needed(table));
      reachable.addAll(TableFiles.earlierMetadata(table));
    }
    assertThat(reachable).containsAll(files());
  }

  private Set<Path> files() {
    Set<Path> files = TableFiles.present(directory.resolve("lake"));
    files.removeIf(file -> file.getFileName().toString().startsWith(Settings.EMBEDDED_CATALOG));
    return files;
  }
}
