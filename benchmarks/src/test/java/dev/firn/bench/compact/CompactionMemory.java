package dev.firn.bench.compact;

import dev.firn.bench.data.BenchTables;
import dev.firn.bench.data.Lineitem;
import dev.firn.bench.measure.Result;
import dev.firn.bench.measure.Run;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import org.apache.iceberg.Table;

/**
 * How much memory does a compaction take? All of its process, {@link CompactionMemoryProcess}, but
 * mapped files: heap, what the collector keeps beside it, native memory and the virtual machine
 * itself, at the highest. The larger of pages merged and rows decoded and encoded.
 */
final class CompactionMemory {
  private static final String ID = "compact.memory-mb";
  private static final String NAME = "compact_memory";

  private final Run run;
  private final BenchTables tables;

  CompactionMemory(Run run, BenchTables tables) {
    this.run = run;
    this.tables = tables;
  }

  void run() throws Exception {
    if (!run.wants(ID)) {
      return;
    }
    Table small = tables.inSmallFiles(Lineitem.dataset(run.quick()), "zstd", Merges.fileRows(run));
    try {
      Properties merged = measure(small);
      Properties decoded =
          measure(tables.withDeletes(small, "lineitem_small_deletes10", Merges::isDeleted));
      double peak = Math.max(number(merged, "peak"), number(decoded, "peak"));
      run.add(
          new Result(
              ID,
              peak,
              null,
              "MB",
              peak,
              isWhole(merged) && isWhole(decoded),
              Map.of(
                  "pagemergeMb", number(merged, "peak"),
                  "decodeMb", number(decoded, "peak"),
                  "beforeMb", number(merged, "before"))));
    } finally {
      tables.forget(NAME);
    }
  }

  private static boolean isWhole(Properties figures) {
    return number(figures, "rows") == number(figures, "expected");
  }

  private static double number(Properties figures, String name) {
    return Double.parseDouble(figures.getProperty(name));
  }

  private Properties measure(Table from) throws Exception {
    tables.copy(NAME, from);
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-Xmx192m",
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=error",
                "@" + Path.of(System.getProperty("firn.root", "."), "jvm.options"),
                "-cp",
                System.getProperty("java.class.path"),
                CompactionMemoryProcess.class.getName(),
                tables.home().toString(),
                NAME)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try {
      String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      int status = process.waitFor();
      if (status != 0) {
        throw new IllegalStateException("the compacting process failed with status " + status);
      }
      Properties figures = new Properties();
      figures.load(new StringReader(text));
      return figures;
    } finally {
      process.destroyForcibly();
    }
  }
}
