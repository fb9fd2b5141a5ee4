package dev.firn;

import static org.apache.iceberg.expressions.Expressions.equal;
import static org.apache.iceberg.expressions.Expressions.lessThan;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What transactions see of others, and when they conflict. */
class TransactionIsolationTest extends TransactionFixture {
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
            other.transact(meanwhile -> overwrite(meanwhile.table("a.x"), 1));
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
                      overwrite(tx.table("a.x"), 1);
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
}
