package dev.firn.bench.commit;

import dev.firn.bench.measure.Result;
import dev.firn.bench.measure.Run;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.catalog.TableIdentifier;

/**
 * What does one more commit cost on a table that has had 10,000? One writer makes all of them,
 * under the snapshot retention that tables have by default. Then it commits to that table and to a
 * young one in turns: both windows meet the same warm JVM and the same machine.
 */
final class Ageing {
  private static final String ID = "commit.age.p50-10000-vs-100";
  private static final TableIdentifier YOUNG = TableIdentifier.of(Tables.NAMESPACE, "young");

  private final Run run;
  private final Places places;
  private final int old;
  private final int young;
  private final int window;

  Ageing(Run run, Places places) {
    this.run = run;
    this.places = places;
    this.old = run.quick() ? 40 : 10_000;
    this.young = run.quick() ? 10 : 100;
    this.window = run.quick() ? 10 : 100;
  }

  void run() throws Exception {
    if (!run.wants(ID)) {
      return;
    }
    try (OurCommits side = OurCommits.open(places.place("sqlite"))) {
      measure(side);
    }
  }

  private void measure(OurCommits side) throws Exception {
    Committer.Writer toOld = side.writer();
    for (int i = 0; i < old - window / 2; i++) {
      toOld.append(Tables.file("old" + i));
      if (i % 1_000 == 999) {
        run.progress().println("  " + (i + 1) + " commits");
      }
    }
    side.create(YOUNG);
    Committer.Writer toYoung = side.writer(YOUNG);
    for (int i = 0; i < young - window / 2; i++) {
      toYoung.append(Tables.file("young" + i));
    }
    long[] oldNanos = new long[window];
    long[] youngNanos = new long[window];
    for (int i = 0; i < window; i++) {
      oldNanos[i] = time(toOld, "last" + i);
      youngNanos[i] = time(toYoung, "last" + i);
    }
    Latencies ofOld = Latencies.of(oldNanos);
    Latencies ofYoung = Latencies.of(youngNanos);
    List<String> paths = side.paths();
    boolean correct =
        paths.size() == old + window - window / 2 && new HashSet<>(paths).size() == paths.size();
    run.add(
        new Result(
            ID,
            ofOld.millis(50),
            ofYoung.millis(50),
            "ms",
            ofOld.millis(50) / ofYoung.millis(50),
            correct,
            Map.of("oursP99", ofOld.millis(99), "peerP99", ofYoung.millis(99))));
  }

  private static long time(Committer.Writer writer, String name) {
    long start = System.nanoTime();
    writer.append(Tables.file(name));
    return System.nanoTime() - start;
  }
}
