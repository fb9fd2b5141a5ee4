package dev.firn.bench.plan;

import dev.firn.bench.measure.Run;
import dev.firn.bench.measure.Suite;

/**
 * How fast is a scan of a table of a million data files planned, from manifests that are known and
 * from such that are not, against Iceberg's {@code planFiles}; and what does knowing them take?
 */
public final class PlanSuite implements Suite {
  @Override
  public String name() {
    return "plan";
  }

  @Override
  public String question() {
    return "planning over 1,000,000 data files: by partition, by statistics, warm and cold; memory";
  }

  @Override
  public void run(Run run) throws Exception {
    try (PlanTable table = PlanTable.open(run)) {
      new Planning(run, table).run();
    }
  }
}
