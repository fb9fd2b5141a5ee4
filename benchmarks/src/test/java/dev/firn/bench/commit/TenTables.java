package dev.firn.bench.commit;

import dev.firn.bench.measure.Result;
import dev.firn.bench.measure.Run;
import dev.firn.catalog.commit.TableChanges;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.iceberg.catalog.TableIdentifier;

/**
 * What does a transaction over ten tables cost, beside one over one table? One writer, one file per
 * table, both kinds in turns.
 */
final class TenTables {
  private static final String ID = "commit.tables10.vs-1";
  private static final int TABLES = 10;

  private final Run run;
  private final Places places;
  private final int warmUp;
  private final int rounds;

  TenTables(Run run, Places places) {
    this.run = run;
    this.places = places;
    this.warmUp = run.quick() ? 2 : 50;
    this.rounds = run.quick() ? 5 : 100;
  }

  void run() throws Exception {
    if (!run.wants(ID)) {
      return;
    }
    try (OurCommits side = OurCommits.open(places.place("sqlite"))) {
      List<TableIdentifier> ten =
          IntStream.range(0, TABLES)
              .mapToObj(i -> TableIdentifier.of(Tables.NAMESPACE, "t" + i))
              .toList();
      ten.forEach(side::create);
      long[] tenNanos = new long[rounds];
      long[] oneNanos = new long[rounds];
      for (int i = -warmUp; i < rounds; i++) {
        long ofTen = time(side, ten, "ten" + i);
        long ofOne = time(side, List.of(Tables.ORDERS), "one" + i);
        if (i >= 0) {
          tenNanos[i] = ofTen;
          oneNanos[i] = ofOne;
        }
      }
      boolean correct = side.paths().size() == warmUp + rounds;
      for (TableIdentifier table : ten) {
        correct &= Tables.paths(side.catalog().loadTable(table)).size() == warmUp + rounds;
      }
      report(Latencies.of(tenNanos), Latencies.of(oneNanos), correct);
    }
  }

  private void report(Latencies ten, Latencies one, boolean correct) {
    run.add(
        new Result(
            ID,
            ten.millis(50),
            one.millis(50),
            "ms",
            ten.millis(50) / one.millis(50),
            correct,
            Map.of("oursP99", ten.millis(99), "peerP99", one.millis(99))));
  }

  private static long time(OurCommits side, List<TableIdentifier> tables, String name) {
    List<TableChanges> changes =
        tables.stream()
            .map(
                table ->
                    new TableChanges(
                        table, List.of(OurCommits.append(Tables.file(name + "-" + table.name())))))
            .toList();
    long start = System.nanoTime();
    side.catalog().commitTogether(changes);
    return System.nanoTime() - start;
  }
}
