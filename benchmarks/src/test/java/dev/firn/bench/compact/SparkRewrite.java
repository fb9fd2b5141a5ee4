package dev.firn.bench.compact;

import dev.firn.bench.data.BenchTables;
import dev.firn.bench.measure.Run;
import dev.firn.testing.SparkProcess;
import java.io.IOException;
import java.util.List;

/**
 * Spark's {@code rewrite_data_files} on two threads, in a process of its own with as large a heap
 * as ours. Started at first use.
 */
final class SparkRewrite implements AutoCloseable {
  private final Run run;
  private final BenchTables tables;
  private SparkProcess spark;

  SparkRewrite(Run run, BenchTables tables) {
    this.run = run;
    this.tables = tables;
  }

  /** Rewrites all files of the table, and returns when that is committed. */
  void rewrite(String table, long targetBytes) {
    spark()
        .sql(
            "call bench.system.rewrite_data_files(table => 'bench.bench.%s', options => map('rewrite-all', 'true', 'target-file-size-bytes', '%d'))"
                .formatted(table, targetBytes));
  }

  /** Starts it, where it has not been. */
  SparkProcess spark() {
    SparkProcess known = spark;
    if (known == null) {
      run.progress().println("starting Spark");
      known =
          SparkProcess.start(
              tables.home().resolve("spark.log"),
              List.of(
                  "-Xmx4g", "-XX:TieredStopAtLevel=4", "-XX:-UseSerialGC", "-XX:+UseParallelGC"));
      known.attach(
          "bench",
          "jdbc:sqlite:" + tables.home().resolve("catalog.db"),
          tables.home().resolve("warehouse"));
      spark = known;
    }
    return known;
  }

  @Override
  public void close() throws IOException {
    if (spark != null) {
      spark.close();
    }
  }
}
