package dev.firn.it.kill;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.LakeTable;
import dev.firn.Lakehouse;
import dev.firn.catalog.intent.OrphanSearch;
import dev.firn.catalog.intent.Sweep;
import dev.firn.it.kill.Script.Row;
import dev.firn.testing.ChildJvm;
import dev.firn.testing.TableFiles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.Types;

/** A lakehouse whose writers are killed again and again, and what it must hold. */
final class KilledLake {
  private static final Schema SCHEMA =
      new Schema(
          Types.NestedField.required(1, "writer", Types.IntegerType.get()),
          Types.NestedField.required(2, "step", Types.LongType.get()),
          Types.NestedField.required(3, "part", Types.LongType.get()));

  private final Path directory;
  private final String catalog;

  /** How many steps of each writer are in the tables, as last seen. */
  private final long[] steps = new long[Script.WRITERS];

  private long acknowledged;

  private KilledLake(Path directory, String catalog) {
    this.directory = directory;
    this.catalog = catalog;
  }

  static KilledLake create(Path directory, String catalog) {
    KilledLake created = new KilledLake(directory, catalog);
    try (Lakehouse lake = created.open()) {
      Script.TABLES.forEach(
          name -> lake.createTable(name, SCHEMA, t -> t.key("writer", "step", "part")));
    }
    return created;
  }

  private Lakehouse open() {
    return Lakehouse.open(
        Map.of("warehouse", directory.resolve("lake").toString(), "catalog", catalog));
  }

  /** Starts the process that writes on from where the tables are; it waits to be told to go. */
  ChildJvm start() {
    String first = Arrays.stream(steps).mapToObj(Long::toString).collect(Collectors.joining(","));
    return ChildJvm.start(
        WritingProcess.class,
        directory.resolve("errors"),
        List.of(directory.resolve("lake").toString(), catalog, first));
  }

  /** Returns how many steps were acknowledged so far. */
  long acknowledged() {
    return acknowledged;
  }

  /** Compares the tables with what a killed process said last. */
  void check(List<String> said, String errors) {
    assertThat(errors).as("errors of the process").isEmpty();
    long[] sure = steps.clone();
    for (String line : said) {
      hear(line, sure);
    }
    try (Lakehouse lake = open()) {
      Map<String, Map<Integer, List<Row>>> rows = new HashMap<>();
      for (String name : Script.TABLES) {
        LakeTable table = lake.table(name);
        assertThat(TableFiles.needed(table.iceberg())).allMatch(Files::exists, "exists");
        rows.put(name, read(table));
      }
      for (int writer = 0; writer < Script.WRITERS; writer++) {
        steps[writer] = stepsOf(writer, sure[writer], rows);
      }
    }
  }

  private void hear(String line, long[] sure) {
    String[] words = line.split(" ", -1);
    int writer = Integer.parseInt(words[words.length - 2]);
    long step = Long.parseLong(words[words.length - 1]);
    if (words.length == 2) {
      assertThat(step)
          .as("step of writer %d that was acknowledged", writer)
          .isEqualTo(sure[writer]);
      sure[writer]++;
      acknowledged++;
    } else if (words[0].equals("resume")) {
      assertThat(step).as("step where channel %d resumes", writer).isEqualTo(steps[writer]);
    } else {
      assertThat(words[0]).isIn("again", "unknown");
    }
  }

  /** Returns how many steps of the writer are in its tables: all that are sure, or few more. */
  private static long stepsOf(int writer, long sure, Map<String, Map<Integer, List<Row>>> rows) {
    Set<Long> seen = new TreeSet<>();
    for (String table : Script.tables(writer)) {
      List<Row> found = rows.get(table).getOrDefault(writer, List.of());
      long more = 0;
      while (more < Script.atOnce(writer) && !found.equals(Script.rowsAfter(writer, sure + more))) {
        more++;
      }
      assertThat(found)
          .as("rows of writer %d in %s after %d sure steps", writer, table, sure)
          .isEqualTo(Script.rowsAfter(writer, sure + more));
      seen.add(sure + more);
    }
    assertThat(seen).as("steps of writer %d, which moves its tables together", writer).hasSize(1);
    return seen.iterator().next();
  }

  private static Map<Integer, List<Row>> read(LakeTable table) {
    Map<Integer, List<Row>> rows = new TreeMap<>();
    for (Record row : table.scan().toList()) {
      int writer = (int) row.get(0);
      rows.computeIfAbsent(writer, any -> new ArrayList<>())
          .add(new Row(writer, (long) row.get(1), (long) row.get(2)));
    }
    rows.values().forEach(each -> each.sort(null));
    return rows;
  }

  /** Sweeps what the killed processes left, as if their leases had run out. */
  void sweep() throws SQLException {
    try (Connection connection = DriverManager.getConnection(catalog);
        Statement statement = connection.createStatement()) {
      statement.execute("UPDATE firn_sessions SET lease_until = 0");
    }
    try (Lakehouse lake = open()) {
      sweep(lake);
      for (String name : Script.TABLES) {
        assertThat(garbage(lake.table(name)))
            .as("files of %s that a sweep left", name)
            .noneMatch(file -> file.toString().matches(".*\\.(parquet|puffin)"));
        search(lake.table(name));
      }
      sweep(lake);
      for (String name : Script.TABLES) {
        assertThat(garbage(lake.table(name)))
            .as("files of %s that neither sweep nor search found", name)
            .isEmpty();
      }
    }
  }

  private static void sweep(Lakehouse lake) {
    // First they are put into quarantine, then they go.
    for (int step = 0; step < 2; step++) {
      Sweep sweep = lake.sweep().grace(Duration.ZERO).deleteAfter(Duration.ZERO);
      assertThat(sweep.run().failures()).isEmpty();
    }
  }

  /** Manifests and metadata of commits that did not come to be are found by listing, once old. */
  private static void search(LakeTable table) {
    for (Path file : garbage(table)) {
      assertThat(file.toFile().setLastModified(1_000)).isTrue();
    }
    table.orphans().olderThan(OrphanSearch.LEAST_AGE).run();
  }

  private static Set<Path> garbage(LakeTable of) {
    Table table = of.iceberg();
    Set<Path> garbage = TableFiles.present(TableFiles.directory(table));
    garbage.removeAll(TableFiles.needed(table));
    garbage.removeAll(TableFiles.earlierMetadata(table));
    return garbage;
  }

  /**
   * Makes few files of many, as otherwise each look at the tables would cost more than the last.
   */
  void tidy() {
    try (Lakehouse lake = open()) {
      for (String name : Script.TABLES) {
        LakeTable table = lake.table(name);
        table.compact().run();
        table.expireSnapshots().olderThan(Instant.now()).retainLast(1).run();
      }
    }
  }
}
