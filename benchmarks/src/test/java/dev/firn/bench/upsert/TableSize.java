package dev.firn.bench.upsert;

import dev.firn.Lakehouse;
import dev.firn.bench.measure.Run;
import dev.firn.bench.measure.Side;
import dev.firn.bench.measure.Stopwatch;
import java.nio.file.Path;
import java.util.SplittableRandom;
import org.apache.arrow.vector.VectorSchemaRoot;

/**
 * What does an upsert of 10,000 rows, half of them of keys that are there, cost in a table of ten
 * times as many keys? Both tables' key indexes are built before; what is timed is the upsert and
 * its commit, what brings the index up to date included.
 */
final class TableSize {
  private static final String ID = "upsert.100m-vs-10m";
  private static final int ROWS = 10_000;

  private final Run run;
  private final Path directory;
  private final SplittableRandom random = new SplittableRandom(1);

  TableSize(Run run, Path directory) {
    this.run = run;
    this.directory = directory;
  }

  void run() throws Exception {
    if (!run.wants(ID)) {
      return;
    }
    long small = run.quick() ? 100_000 : 10_000_000;
    try (Lakehouse lake = Lakehouse.open(directory.resolve("size"));
        KeyedTable few = create(lake, "bench.few", small);
        KeyedTable many = create(lake, "bench.many", 10 * small)) {
      run.timesIts(ID, upsert(lake, many), upsert(lake, few), true);
      boolean right = few.isRight() && many.isRight();
      if (!right) {
        throw new IllegalStateException("An upsert left other rows than it should");
      }
    }
  }

  private KeyedTable create(Lakehouse lake, String name, long rows) throws Exception {
    run.progress().println("  a table of " + rows + " keys");
    KeyedTable table = KeyedTable.create(lake, name, rows);
    // The first one builds the index.
    upsert(lake, table).run(new Stopwatch());
    return table;
  }

  private Side upsert(Lakehouse lake, KeyedTable table) {
    return watch -> {
      KeyedRows.Changes changes = table.changes(ROWS, random);
      table.expect(changes);
      try (VectorSchemaRoot batch = changes.batch(lake.allocator())) {
        watch.start();
        table.upsert(batch);
        watch.stop();
      }
    };
  }
}
