package dev.firn.bench.commit;

import dev.firn.bench.measure.Result;
import dev.firn.bench.measure.Run;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** How many appends a second do so many writers get acknowledged, and how many fail? */
final class ManyWriters {
  private static final List<Integer> WRITERS = List.of(1, 4, 16, 64);
  private static final int MOST = 64;

  private final Run run;
  private final Places places;
  private final String database;

  ManyWriters(Run run, Places places, String database) {
    this.run = run;
    this.places = places;
    this.database = database;
  }

  void run() throws Exception {
    for (int writers : WRITERS) {
      if (ids(writers).stream().anyMatch(run::wants)) {
        cell(writers);
      }
    }
  }

  private String id(int writers, String what) {
    return "commit.%s.w%d.%s".formatted(database, writers, what);
  }

  private List<String> ids(int writers) {
    return List.of(
        id(writers, "acks.vs-jdbccatalog"),
        id(writers, "vs-jdbccatalog"),
        id(writers, "failed"),
        id(writers, "p99-ms"));
  }

  private void cell(int writers) throws Exception {
    Load load =
        run.quick()
            ? new Load(writers, Duration.ofMillis(200), Duration.ofMillis(500))
            : new Load(writers, Duration.ofSeconds(3), Duration.ofSeconds(8));
    Load.Outcome ours;
    try (Committer side = OurCommits.open(places.place(database))) {
      ours = load.run(side);
    }
    Load.Outcome peer;
    try (Committer side = JdbcCommits.open(places.place(database))) {
      peer = load.run(side);
    }
    boolean correct = ours.correct() && peer.correct();
    Map<String, Double> more =
        Map.of(
            "oursP50", ours.latencies().millis(50),
            "oursP99", ours.latencies().millis(99),
            "peerP50", orZero(peer.latencies().millis(50)),
            "peerP99", orZero(peer.latencies().millis(99)),
            "oursFailed", (double) ours.failed(),
            "peerFailed", (double) peer.failed());
    rate(id(writers, "acks.vs-jdbccatalog"), ours, peer, correct, more);
    if (writers == 1) {
      rate(id(writers, "vs-jdbccatalog"), ours, peer, correct, more);
    }
    if (writers == MOST) {
      figure(
          id(writers, "failed"),
          (double) ours.failed(),
          (double) peer.failed(),
          "n",
          correct,
          more);
      double p99 = ours.latencies().millis(99);
      figure(id(writers, "p99-ms"), p99, orZero(peer.latencies().millis(99)), "ms", correct, more);
    }
  }

  private void rate(
      String id, Load.Outcome ours, Load.Outcome peer, boolean correct, Map<String, Double> more) {
    if (run.wants(id)) {
      double ratio = ours.perSecond() / Math.max(peer.perSecond(), 1e-9);
      run.add(new Result(id, ours.perSecond(), peer.perSecond(), "/s", ratio, correct, more));
    }
  }

  private void figure(
      String id, double ours, Double peer, String unit, boolean correct, Map<String, Double> more) {
    if (run.wants(id)) {
      run.add(new Result(id, ours, peer, unit, ours, correct, more));
    }
  }

  /** A side that got nothing acknowledged has no latency. */
  private static double orZero(double millis) {
    return Double.isNaN(millis) ? 0 : millis;
  }
}
