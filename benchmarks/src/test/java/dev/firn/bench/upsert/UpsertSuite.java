package dev.firn.bench.upsert;

import dev.firn.bench.measure.Run;
import dev.firn.bench.measure.Suite;
import dev.firn.testing.TemporaryFiles;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What do upserts by key cost: in a table of many keys beside one of few, and against Iceberg's
 * equality deletes, the scan that has to apply them included? And what does their index cost?
 */
public final class UpsertSuite implements Suite {
  @Override
  public String name() {
    return "upsert";
  }

  @Override
  public String question() {
    return "upserts by key: large tables, written and read against equality deletes; their index";
  }

  @Override
  public void run(Run run) throws Exception {
    Path directory = run.directory().resolve("upsert").toAbsolutePath();
    if (Files.exists(directory)) {
      TemporaryFiles.delete(directory);
    }
    Files.createDirectories(directory);
    try {
      new IndexFigures(run).run();
      new TableSize(run, directory).run();
      new WriteAndRead(run, directory).run();
    } finally {
      TemporaryFiles.delete(directory);
    }
  }
}
