package dev.firn.it.history;

import dev.firn.it.history.Txn.Outcome;
import dev.firn.it.history.Txn.Read;
import dev.firn.it.history.Txn.Write;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Judges a history of transactions over several tables by what the workers saw. Confined to one
 * thread.
 *
 * <p>How it works: elements are unique, and a version is the place of a snapshot in its table's one
 * chain, so that who wrote what is known. Reads of elements are compared with the writes of all
 * versions up to theirs. The order of everything else is a graph (as in Elle, Kingsbury and Alvaro,
 * VLDB 2020): who wrote a version comes before who read it, who read it before who wrote the next,
 * who wrote it before who wrote the next, and who ended before who began later. A cycle in it is a
 * history that no order explains. Transactions that did not ask for what they read to be unchanged
 * may come apart into one that reads and one that writes, and no further.
 */
final class HistoryChecker {
  private final List<Txn> history;
  private final Map<Long, Txn> writers = new HashMap<>();
  private final Map<Long, Write> writes = new HashMap<>();
  private final List<Anomaly> anomalies = new ArrayList<>();

  private HistoryChecker(List<Txn> seen) {
    for (Txn txn : seen) {
      for (Write write : txn.writes()) {
        writers.put(write.element(), txn);
        writes.put(write.element(), write);
      }
    }
    this.history =
        seen.stream().map(txn -> txn.with(txn.reads().stream().map(this::dated).toList())).toList();
  }

  /** A version cannot be seen, but the elements that came last can. */
  private Read dated(Read read) {
    if (read.version() != Txn.NEWEST_SEEN) {
      return read;
    }
    long newest = 0;
    for (Long element : read.elements()) {
      Write write = writes.get(element);
      newest = write == null ? newest : Math.max(newest, write.version());
    }
    return new Read(read.table(), newest, read.elements());
  }

  /** Returns everything that is wrong with the history. */
  static List<Anomaly> check(List<Txn> history) {
    HistoryChecker checker = new HistoryChecker(history);
    for (Txn txn : checker.history) {
      checker.repeatable(txn);
      txn.reads().stream()
          .filter(read -> !read.elements().equals(Txn.UNSEEN))
          .forEach(read -> checker.elements(txn, read));
    }
    checker.updates();
    checker.cycles();
    return checker.anomalies;
  }

  private void add(Anomaly.Kind kind, String format, Object... arguments) {
    anomalies.add(new Anomaly(kind, format.formatted(arguments)));
  }

  private void repeatable(Txn txn) {
    Map<String, Long> versions = new HashMap<>();
    for (Read read : txn.reads()) {
      Long before = versions.putIfAbsent(read.table(), read.version());
      if (before != null && before != read.version()) {
        add(
            Anomaly.Kind.NON_REPEATABLE_READ,
            "%s read %s at %d and at %d",
            txn.worker(),
            read.table(),
            before,
            read.version());
      }
    }
  }

  private void elements(Txn reader, Read read) {
    Set<Long> seen = new HashSet<>();
    for (Long element : read.elements()) {
      if (!seen.add(element)) {
        add(Anomaly.Kind.DUPLICATE, "%s in %s at %d", element, read.table(), read.version());
      }
      judge(reader, read, element);
    }
    for (Write write : writes.values()) {
      Txn writer = writers.get(write.element());
      if (writer != null
          && writer.outcome() == Outcome.APPLIED
          && write.table().equals(read.table())
          && write.version() <= read.version()
          && !seen.contains(write.element())) {
        add(
            Anomaly.Kind.LOST,
            "%d, written to %s at %d, is not in what %s read at %d",
            write.element(),
            write.table(),
            write.version(),
            reader.worker(),
            read.version());
      }
    }
  }

  private void judge(Txn reader, Read read, Long element) {
    Write write = writes.get(element);
    Txn writer = writers.get(element);
    String where = "%d in %s at %d, read by %s";
    Object[] what = {element, read.table(), read.version(), reader.worker()};
    if (write == null || writer == null || !write.table().equals(read.table())) {
      add(Anomaly.Kind.FROM_NOWHERE, where, what);
    } else if (writer.outcome() == Outcome.NOT_APPLIED) {
      add(Anomaly.Kind.DIRTY_READ, where, what);
    } else if (writer.outcome() == Outcome.APPLIED && write.version() > read.version()) {
      add(Anomaly.Kind.FROM_NOWHERE, where + ", but written at " + write.version(), what);
    }
  }

  private void updates() {
    Map<String, Txn> replaced = new HashMap<>();
    for (Txn txn : history) {
      if (txn.checked() && txn.outcome() == Outcome.APPLIED) {
        for (String version : replaces(txn)) {
          Txn other = replaced.putIfAbsent(version, txn);
          if (other != null) {
            add(
                Anomaly.Kind.LOST_UPDATE,
                "%s and %s both replaced %s",
                other.worker(),
                txn.worker(),
                version);
          }
        }
      }
    }
  }

  /** Returns the versions that the transaction read and wrote on. */
  private static Set<String> replaces(Txn txn) {
    Set<String> versions = new HashSet<>();
    for (Read read : txn.reads()) {
      if (txn.writes().stream().anyMatch(write -> write.table().equals(read.table()))) {
        versions.add(read.table() + " at " + read.version());
      }
    }
    return versions;
  }

  private void cycles() {
    OrderGraph graph = new OrderGraph();
    for (Txn txn : history) {
      if (txn.outcome() != Outcome.APPLIED) {
        // What it read was read all the same.
        graph.add(txn, txn.reads(), List.of());
      } else if (txn.checked()) {
        graph.add(txn, txn.reads(), txn.writes());
      } else {
        graph.add(txn, txn.reads(), List.of());
        graph.add(txn, List.of(), txn.writes());
      }
    }
    graph.cycles().forEach(cycle -> add(Anomaly.Kind.CYCLE, "%s", cycle));
  }
}
