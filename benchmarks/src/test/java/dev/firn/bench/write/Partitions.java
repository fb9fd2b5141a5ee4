package dev.firn.bench.write;

import dev.firn.bench.data.BenchTables;
import dev.firn.bench.measure.BatchDigester;
import dev.firn.bench.measure.Digest;
import dev.firn.bench.measure.Result;
import dev.firn.bench.measure.Run;
import dev.firn.bench.peer.DuckDb;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.Table;

/**
 * In how much memory do rows, interleaved over 10,000 partitions, become data files? A process that
 * has 256 MB for heap and the writer's Arrow memory together writes them through {@code
 * DataWriter}; DuckDB then reads what it wrote.
 */
final class Partitions {
  private static final String ID = "write.partitions10k.memory-mb";
  private static final String TABLE = "partitions10k";
  private static final double MEGABYTE = 1 << 20;
  private static final long ARROW_BYTES = 160L << 20;
  private static final int HEAP_MB = 96;

  private static final PartitionRows FULL = new PartitionRows(20_000_000, 10_000);
  private static final PartitionRows TINY = new PartitionRows(50_000, 100);

  private final Run run;
  private final BenchTables tables;
  private final PartitionRows rows;

  Partitions(Run run, BenchTables tables) {
    this.run = run;
    this.tables = tables;
    this.rows = run.quick() ? TINY : FULL;
  }

  void run() throws Exception {
    if (!run.wants(ID)) {
      return;
    }
    Table table = tables.scratch(TABLE, PartitionRows.SCHEMA, PartitionRows.SPEC);
    Properties figures = write();
    table.refresh();
    double arrow = figure(figures, "arrow") / MEGABYTE;
    double heap = figure(figures, "heap") / MEGABYTE;
    run.add(
        new Result(
            ID,
            arrow + heap,
            null,
            "MB",
            arrow + heap,
            holdsAllRows(table),
            Map.of(
                "arrowMb",
                arrow,
                "heapMb",
                heap,
                "residentMb",
                figure(figures, "resident") / MEGABYTE,
                "seconds",
                figure(figures, "milliseconds") / 1000,
                "files",
                (double) BenchTables.files(table).size())));
    tables.drop(TABLE);
  }

  private static double figure(Properties figures, String name) {
    return Double.parseDouble(figures.getProperty(name));
  }

  private Properties write() throws Exception {
    Path output = Files.createTempFile(run.directory(), "partitions", ".properties");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-Xmx" + HEAP_MB + "m",
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=error",
                "@" + Path.of(System.getProperty("firn.root", "."), "jvm.options"),
                "-cp",
                System.getProperty("java.class.path"),
                PartitionWriter.class.getName(),
                tables.home().toString(),
                TABLE,
                Integer.toString(rows.rows()),
                Integer.toString(rows.partitions()),
                Long.toString(ARROW_BYTES))
            .redirectOutput(output.toFile())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try {
      int status = process.waitFor();
      if (status != 0) {
        throw new IllegalStateException("the writing process failed with status " + status);
      }
      Properties figures = new Properties();
      figures.load(Files.newBufferedReader(output, StandardCharsets.UTF_8));
      return figures;
    } finally {
      process.destroyForcibly();
      Files.delete(output);
    }
  }

  private boolean holdsAllRows(Table table) throws Exception {
    BatchDigester expected = new BatchDigester();
    try (BufferAllocator allocator = new RootAllocator()) {
      rows.forEach(allocator, expected::add);
    }
    List<DataFile> files = BenchTables.files(table);
    long partitions =
        files.stream().map(file -> file.partition().get(0, Integer.class)).distinct().count();
    try (DuckDb duckDb = DuckDb.open(2)) {
      Digest written = duckDb.digest("FROM " + DuckDb.parquet(BenchTables.paths(table)));
      return written.equals(expected.digest()) && partitions == rows.partitions();
    }
  }
}
