package dev.firn.bench.compact;

import dev.firn.bench.data.BenchTables;
import dev.firn.bench.measure.Run;
import dev.firn.bench.measure.Suite;

/** How fast do many small files become few large ones, and what do writers beside it feel? */
public final class CompactSuite implements Suite {
  @Override
  public String name() {
    return "compact";
  }

  @Override
  public String question() {
    return "500 small files into large ones: pages merged, decoded and encoded; memory; writers beside it";
  }

  @Override
  public void run(Run run) throws Exception {
    new UnderDeleter(run).run();
    Freshness.run(run);
    try (BenchTables tables = BenchTables.open(run)) {
      new Merges(run, tables).run();
      new CompactionMemory(run, tables).run();
    }
  }
}
