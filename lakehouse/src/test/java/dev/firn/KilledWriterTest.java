package dev.firn;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A process that appends is killed; what it acknowledged stays, and nothing is there in part. */
class KilledWriterTest {
  private static final int KILLS = 5;
  private static final long BATCH_ROWS = 20;
  private static final Schema SCHEMA =
      new Schema(
          Types.NestedField.required(1, "batch", Types.LongType.get()),
          Types.NestedField.required(2, "row", Types.LongType.get()));

  record Row(long batch, long row) {}

  @TempDir private Path directory;

  /** The process: appends batches from the number given on, and says each when it is durable. */
  static final class Writer {
    private Writer() {}

    public static void main(String[] args) {
      try (Lakehouse lake = Lakehouse.open(Path.of(args[0]))) {
        for (long batch = Long.parseLong(args[1]); ; batch++) {
          try (TableWriter writer = lake.table("a.t").append()) {
            for (long row = 0; row < BATCH_ROWS; row++) {
              writer.write(new Row(batch, row));
            }
            writer.commit();
          }
          System.out.println("done " + batch);
        }
      }
    }
  }

  @Test
  void keepsEveryAcknowledgedBatchOfAKilledWriter() throws Exception {
    long seed = Long.getLong("firn.kill.seed", 1);
    System.out.println("KilledWriterTest -Dfirn.kill.seed=" + seed);
    Random random = new Random(seed);
    Path warehouse = directory.resolve("lake");
    try (Lakehouse lake = Lakehouse.open(warehouse)) {
      lake.createTable("a.t", SCHEMA);
    }
    long next = 0;
    for (int kill = 0; kill < KILLS; kill++) {
      long last = runAndKill(warehouse, next, 1 + random.nextInt(5), random.nextInt(60));
      next = check(warehouse, last);
    }
  }

  /** Returns the last batch that was acknowledged before the kill. */
  private long runAndKill(Path warehouse, long first, int batches, int thenMillis)
      throws IOException, InterruptedException {
    Path errors = directory.resolve("errors");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "@" + Path.of(System.getProperty("firn.root")).resolve("jvm.options"),
                "-XX:TieredStopAtLevel=1",
                "-Xmx256m",
                "-cp",
                classPath(),
                Writer.class.getName(),
                warehouse.toString(),
                Long.toString(first))
            .redirectError(errors.toFile())
            .start();
    long last = first - 1;
    try (BufferedReader out = process.inputReader(UTF_8)) {
      for (int seen = 0; seen < batches; seen++) {
        String line = out.readLine();
        assertThat(line).as(Files.readString(errors)).isNotNull();
        last = acknowledged(line);
      }
      // The handle leaves the stream open. Wherever in the next batches this falls; it says what
      // was acknowledged meanwhile.
      var unused = process.waitFor(thenMillis, TimeUnit.MILLISECONDS);
      process.toHandle().destroyForcibly();
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        last = acknowledged(line);
      }
    } finally {
      process.destroyForcibly().waitFor();
    }
    return last;
  }

  private static long acknowledged(String line) {
    assertThat(line).startsWith("done ");
    return Long.parseLong(line.substring(5));
  }

  private static String classPath() {
    String surefire = System.getProperty("surefire.test.class.path");
    return surefire == null ? System.getProperty("java.class.path") : surefire;
  }

  /** Returns the number of the next batch. */
  private static long check(Path warehouse, long last) {
    try (Lakehouse lake = Lakehouse.open(warehouse)) {
      Map<Long, List<Long>> rows = new TreeMap<>();
      for (Record row : lake.table("a.t").scan().toList()) {
        rows.computeIfAbsent((Long) row.get(0), batch -> new ArrayList<>()).add((Long) row.get(1));
      }
      long next = rows.size();
      assertThat(next).isBetween(last + 1, last + 2);
      for (long batch = 0; batch < next; batch++) {
        assertThat(rows.get(batch))
            .as("batch %s", batch)
            .hasSize((int) BATCH_ROWS)
            .doesNotHaveDuplicates();
      }
      return next;
    }
  }
}
