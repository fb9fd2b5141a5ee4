package dev.firn.it.history;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.it.history.Anomaly.Kind;
import dev.firn.it.history.Txn.Outcome;
import dev.firn.it.history.Txn.Read;
import dev.firn.it.history.Txn.Write;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The checker finds each kind of anomaly where it was planted, and none in histories without. */
class HistoryCheckerTest {
  private final List<Txn> history = new ArrayList<>();
  private int workers;

  @Test
  void findsALostElement() {
    applied(0, 1, false, List.of(), List.of(new Write("a", 1, 1)));
    applied(2, 3, false, List.of(), List.of(new Write("a", 2, 2)));
    applied(4, 5, false, List.of(new Read("a", 2, List.of(2L))), List.of());
    assertThat(kinds()).containsExactly(Kind.LOST);
  }

  @Test
  void findsADirtyRead() {
    add(0, 9, Outcome.NOT_APPLIED, false, List.of(), List.of(new Write("a", 1, 0)));
    applied(1, 2, false, List.of(new Read("a", 1, List.of(1L))), List.of());
    assertThat(kinds()).containsExactly(Kind.DIRTY_READ);
  }

  @Test
  void findsElementsThatNobodyWroteOrNotYet() {
    applied(0, 9, false, List.of(), List.of(new Write("a", 1, 2)));
    applied(1, 2, false, List.of(new Read("a", 1, List.of(1L, 7L))), List.of());
    assertThat(HistoryChecker.check(history))
        .extracting(Anomaly::kind)
        .containsExactly(Kind.FROM_NOWHERE, Kind.FROM_NOWHERE);
  }

  @Test
  void findsADuplicate() {
    applied(0, 1, false, List.of(), List.of(new Write("a", 1, 1)));
    applied(2, 3, false, List.of(new Read("a", 1, List.of(1L, 1L))), List.of());
    assertThat(kinds()).containsExactly(Kind.DUPLICATE);
  }

  @Test
  void findsANonRepeatableRead() {
    applied(0, 5, false, List.of(), List.of(new Write("a", 1, 1)));
    applied(1, 4, false, List.of(read("a", 0), read("a", 1)), List.of());
    assertThat(kinds()).contains(Kind.NON_REPEATABLE_READ);
  }

  @Test
  void findsALostUpdate() {
    applied(0, 5, true, List.of(read("a", 0)), List.of(new Write("a", 1, 1)));
    applied(1, 4, true, List.of(read("a", 0)), List.of(new Write("a", 2, 2)));
    assertThat(kinds()).contains(Kind.LOST_UPDATE);
  }

  @Test
  void findsALostUpdateWithinOneGroup() {
    applied(0, 5, true, List.of(read("a", 0)), List.of(new Write("a", 1, 1)));
    applied(1, 4, true, List.of(read("a", 0)), List.of(new Write("a", 2, 1)));
    assertThat(kinds()).contains(Kind.LOST_UPDATE, Kind.CYCLE);
  }

  @Test
  void findsAWriteSkewOfCheckedTransactionsOnly() {
    applied(0, 5, true, List.of(read("a", 0), read("b", 0)), List.of(new Write("a", 1, 1)));
    applied(1, 4, true, List.of(read("a", 0), read("b", 0)), List.of(new Write("b", 2, 1)));
    assertThat(kinds()).containsExactly(Kind.CYCLE);

    history.replaceAll(
        txn ->
            new Txn(
                txn.worker(),
                txn.begin(),
                txn.end(),
                txn.outcome(),
                false,
                txn.reads(),
                txn.writes()));
    assertThat(kinds()).isEmpty();
  }

  @Test
  void findsAReadOfOneTableBeforeAndOneAfterATransactionOverBoth() {
    applied(0, 9, true, List.of(), List.of(new Write("a", 1, 1), new Write("b", 2, 1)));
    applied(1, 8, false, List.of(read("a", 0), read("b", 1)), List.of());
    assertThat(kinds()).containsExactly(Kind.CYCLE);
  }

  @Test
  void findsTwoReadersThatDisagreeOnTheOrderOfTwoWriters() {
    applied(0, 9, false, List.of(), List.of(new Write("a", 1, 1)));
    applied(0, 9, false, List.of(), List.of(new Write("b", 2, 1)));
    applied(1, 8, false, List.of(read("a", 1), read("b", 0)), List.of());
    applied(1, 8, false, List.of(read("a", 0), read("b", 1)), List.of());
    assertThat(kinds()).containsExactly(Kind.CYCLE);
  }

  @Test
  void findsAStaleRead() {
    applied(0, 1, false, List.of(), List.of(new Write("a", 1, 1)));
    applied(2, 3, false, List.of(read("a", 0)), List.of());
    assertThat(kinds()).containsExactly(Kind.CYCLE);
  }

  @Test
  void findsWritesOutOfTheOrderInWhichTheyWereAcknowledged() {
    applied(0, 1, false, List.of(), List.of(new Write("a", 1, 2)));
    applied(2, 3, false, List.of(), List.of(new Write("a", 2, 1)));
    assertThat(kinds()).containsExactly(Kind.CYCLE);
  }

  @Test
  void leavesOpenWhetherAnUnknownWriteIsThere() {
    add(0, 1, Outcome.UNKNOWN, false, List.of(), List.of(new Write("a", 1, 0)));
    applied(2, 3, false, List.of(new Read("a", 0, List.of())), List.of());
    applied(4, 5, false, List.of(new Read("a", 1, List.of(1L))), List.of());
    assertThat(kinds()).isEmpty();
  }

  @Test
  void findsNothingInASerialHistoryAndSomethingAfterEachRandomDamage() {
    for (long seed = 0; seed < 50; seed++) {
      Random random = new Random(seed);
      history.clear();
      serial(random);
      assertThat(HistoryChecker.check(history)).as("seed %d", seed).isEmpty();
      List<Txn> sound = List.copyOf(history);
      int victim = 1 + random.nextInt(history.size() - 1);
      history.set(victim, stale(sound.get(victim)));
      assertThat(HistoryChecker.check(history))
          .as("seed %d, transaction %s", seed, history.get(victim).line())
          .isNotEmpty();
    }
  }

  @Test
  void aLineHoldsAllOfATransaction() {
    serial(new Random(7));
    add(1, 2, Outcome.UNKNOWN, true, List.of(new Read("a", 3, List.of())), List.of());
    for (Txn txn : history) {
      assertThat(Txn.parse(txn.line())).isEqualTo(txn);
    }
  }

  /** One after the other, each reads two tables and writes one or both of them. */
  private void serial(Random random) {
    Map<String, List<Long>> tables = new HashMap<>(Map.of("a", List.of(), "b", List.of()));
    for (long number = 0; number < 40; number++) {
      List<Read> reads = new ArrayList<>();
      tables.forEach((name, now) -> reads.add(new Read(name, now.size(), now)));
      List<Write> writes = new ArrayList<>();
      for (String name : random.nextBoolean() ? List.of("a", "b") : List.of("a")) {
        List<Long> now = new ArrayList<>(tables.get(name));
        long element = 2 * number + (name.equals("a") ? 0 : 1);
        now.add(element);
        tables.put(name, now);
        writes.add(new Write(name, element, now.size()));
      }
      applied(10 * number, 10 * number + 5, random.nextBoolean(), reads, writes);
    }
  }

  /** The same, having read what was there one version earlier. */
  private static Txn stale(Txn txn) {
    List<Read> reads = new ArrayList<>();
    for (Read read : txn.reads()) {
      int size = read.elements().size();
      reads.add(
          size == 0
              ? read
              : new Read(read.table(), size - 1, read.elements().subList(0, size - 1)));
    }
    return new Txn(
        txn.worker(), txn.begin(), txn.end(), txn.outcome(), txn.checked(), reads, txn.writes());
  }

  private static Read read(String table, long version) {
    return new Read(table, version, Txn.UNSEEN);
  }

  private void applied(
      long begin, long end, boolean checked, List<Read> reads, List<Write> writes) {
    add(begin, end, Outcome.APPLIED, checked, reads, writes);
  }

  private void add(
      long begin,
      long end,
      Outcome outcome,
      boolean checked,
      List<Read> reads,
      List<Write> writes) {
    history.add(new Txn("w" + workers++, begin, end, outcome, checked, reads, writes));
  }

  private Set<Kind> kinds() {
    return HistoryChecker.check(history).stream()
        .map(Anomaly::kind)
        .collect(Collectors.toCollection(() -> EnumSet.noneOf(Kind.class)));
  }
}
