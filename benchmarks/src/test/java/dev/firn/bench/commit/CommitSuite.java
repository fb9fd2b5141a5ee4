package dev.firn.bench.commit;

import dev.firn.bench.measure.Run;
import dev.firn.bench.measure.Suite;
import java.time.Duration;
import java.util.List;

/**
 * How fast do appends to one table get acknowledged, by one writer and by many, against Iceberg's
 * {@code JdbcCatalog}; what becomes of that as the table ages; and what do transactions over
 * several tables cost?
 */
public final class CommitSuite implements Suite {
  @Override
  public String name() {
    return "commit";
  }

  @Override
  public String question() {
    return "commits to SQLite and PostgreSQL: 1 to 64 writers, old tables, several tables";
  }

  /** Both sides at work once, uncounted: the first cell is to meet the same JVM as the others. */
  private static void warmUp(Run run, Places places) throws Exception {
    Load load = new Load(4, Duration.ZERO, Duration.ofMillis(run.quick() ? 200 : 8_000));
    try (Committer side = OurCommits.open(places.place("sqlite"))) {
      load.run(side);
    }
    try (Committer side = JdbcCommits.open(places.place("sqlite"))) {
      load.run(side);
    }
  }

  @Override
  public void run(Run run) throws Exception {
    try (Places places = Places.below(run.directory().resolve("commit"), run.quick())) {
      warmUp(run, places);
      for (String database : List.of("sqlite", "postgres")) {
        new ManyWriters(run, places, database).run();
      }
      new TenTables(run, places).run();
      new GroupRequests(run, places).run();
      new Ageing(run, places).run();
    }
  }
}
