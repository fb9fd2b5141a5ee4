package dev.firn;

import static org.apache.iceberg.expressions.Expressions.equal;
import static org.apache.iceberg.expressions.Expressions.greaterThan;
import static org.apache.iceberg.expressions.Expressions.lessThan;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.types.Types;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LakeTransactionTest extends TransactionFixture {
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

  /** The example of docs/user-guide/java-api.md. */
  @Test
  void runsTheDocumentedExample() {
    create(2, "shop.orders", "shop.returns");
    append("shop.orders", 1, 2);

    TransactionReceipt receipt =
        lake.transact(
            tx -> {
              TransactionTable orders = tx.table("shop.orders");
              List<Row> returned = orders.scan().where(equal("v", "v2")).toList(Row.class);
              orders.delete(equal("v", "v2"));
              try (TransactionWriter w = tx.table("shop.returns").append()) {
                w.writeAll(returned);
                w.commit();
              }
              tx.table("shop.returns").setProperties(Map.of("source", "shop.orders"));
            });
    long snapshot = receipt.of("shop.returns").orElseThrow().snapshotId();
    long rows =
        lake.transaction(
            List.of("shop.orders", "shop.returns"),
            tx -> tx.table("shop.orders").scan().count() + tx.table("shop.returns").scan().count());

    assertThat(rows).isEqualTo(2);
    assertThat(ids("shop.returns")).containsExactly(2L);
    assertThat(other.table("shop.returns").snapshots().get(0).id()).isEqualTo(snapshot);
  }
}
