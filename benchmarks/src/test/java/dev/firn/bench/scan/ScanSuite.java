package dev.firn.bench.scan;

import dev.firn.bench.data.BenchTables;
import dev.firn.bench.data.Dataset;
import dev.firn.bench.data.Events;
import dev.firn.bench.data.Lineitem;
import dev.firn.bench.measure.Run;
import dev.firn.bench.measure.Suite;
import java.util.List;

/**
 * How fast does a table become Arrow batches, against DuckDB, Iceberg's vectorised reader,
 * Iceberg's generic reader, and the time that decompression alone takes?
 *
 * <p>Every side reads the same files, written by Iceberg's generic writer, in the same JVM, in
 * turns. Iceberg's generic reader yields records instead of batches.
 */
public final class ScanSuite implements Suite {
  @Override
  public String name() {
    return "scan";
  }

  @Override
  public String question() {
    return "tables to Arrow: full, 3 columns, 1 % of the rows, with deletes; 1 and 2 threads";
  }

  @Override
  public void run(Run run) throws Exception {
    try (BenchTables tables = BenchTables.open(run)) {
      for (Dataset dataset : datasets(run.quick())) {
        for (String codec : List.of("zstd", "snappy")) {
          new Scans(run, prefix(dataset, codec), tables, dataset, codec).run();
        }
      }
    }
  }

  private static List<Dataset> datasets(boolean tiny) {
    return List.of(Lineitem.dataset(tiny), Events.dataset(tiny));
  }

  /** Lineitem in zstd is what ids mean that name neither. */
  private static String prefix(Dataset dataset, String codec) {
    return "scan."
        + (dataset.name().equals("lineitem") ? "" : dataset.name() + ".")
        + (codec.equals("zstd") ? "" : codec + ".");
  }
}
