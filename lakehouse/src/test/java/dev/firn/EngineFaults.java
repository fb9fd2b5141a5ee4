package dev.firn;

import static dev.firn.FaultScenario.append;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.catalog.intent.OrphanSearch;
import dev.firn.catalog.intent.Sweep;
import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import dev.firn.testing.FaultyDataSource;
import dev.firn.testing.FaultyFileIO;
import dev.firn.testing.TableFiles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every call that an operation makes to the store or to the database fails, each in a run of its
 * own, before its effect or after. A second lakehouse, which never fails, then looks at what is
 * there: what was acknowledged, once; what was not, not at all, unless the operation said that it
 * does not know; no needed file missing; and nothing left in the end that a sweep does not remove.
 */
abstract class EngineFaults {
  /** {@code -Dfirn.faults.all=true}: every fault, instead of some at random. */
  private static final boolean ALL = Boolean.getBoolean("firn.faults.all");

  @TempDir Path directory;
  private final long seed = Long.getLong("firn.faults.seed", 1);
  private @Nullable FaultyFileIO store;
  private @Nullable FaultyDataSource database;
  private @Nullable Lakehouse faulty;
  private @Nullable Lakehouse sound;
  private int namespaces;

  /** Returns the URI of an empty database. */
  abstract String newDatabase();

  /** Returns how many faults of the store, and as many of the database, each operation meets. */
  abstract int sample();

  /** {@code -Dfirn.faults.only=compact}: those whose name begins so. */
  static List<FaultScenario> scenarios() {
    String only = System.getProperty("firn.faults.only", "");
    return FaultScenario.all().stream().filter(each -> each.name().startsWith(only)).toList();
  }

  private void open() {
    Settings settings =
        Settings.of(
            Map.of("warehouse", directory.resolve("lake").toString(), "catalog", newDatabase()));
    sound = Lakehouse.open(settings);
    faulty =
        Lakehouse.open(
            settings,
            files -> store = new FaultyFileIO(files),
            pool -> database = new FaultyDataSource(pool));
  }

  @AfterEach
  void close() {
    if (faulty != null) {
      faulty.close();
    }
    if (sound != null) {
      sound.close();
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("scenarios")
  void isWholeOrNotThere(FaultScenario scenario) {
    open();
    String first = prepared(scenario);
    FaultState before = FaultState.of(sound, first);
    reset();
    scenario.act().run(faulty, first);
    FaultCalls calls = FaultCalls.since(store, database);
    FaultState after = FaultState.of(sound, first);
    List<FaultCalls.Plan> plans = new ArrayList<>(sampled(calls.ofStore()));
    plans.addAll(sampled(calls.ofDatabase()));
    for (FaultCalls.Plan plan : plans) {
      fail(scenario, plan, before, after);
    }
    faulty.close();
    faulty = null;
    sweep(scenario);
  }

  /**
   * What the failed operations left is what their process had told the ledger of, and metadata that
   * listing finds once it is old.
   */
  private void sweep(FaultScenario scenario) {
    String what = "-Dfirn.faults.seed=%d: after %s".formatted(seed, scenario);
    sweep();
    if (!scenario.removesFiles()) {
      assertThat(garbage())
          .as(what)
          .noneMatch(each -> each.toString().matches(".*\\.(parquet|puffin)"));
    }
    for (Path file : garbage()) {
      assertThat(file.toFile().setLastModified(0)).isTrue();
    }
    for (String name : sound.tables()) {
      sound.table(name).orphans().olderThan(OrphanSearch.LEAST_AGE).run();
    }
    sweep();
    if (!scenario.removesFiles()) {
      // Nobody looks for metadata where no table ever came to be.
      Set<Path> garbage = garbage();
      garbage.removeIf(file -> scenario.makesTable() && !belongsToATable(file));
      assertThat(garbage).as(what).isEmpty();
    }
    for (String name : sound.tables()) {
      assertThat(TableFiles.needed(sound.table(name).iceberg())).allMatch(Files::exists, "exists");
    }
  }

  private boolean belongsToATable(Path file) {
    return sound.tables().stream()
        .anyMatch(name -> file.startsWith(TableFiles.directory(sound.table(name).iceberg())));
  }

  private void sweep() {
    // First they are put into quarantine, then they go.
    for (int step = 0; step < 2; step++) {
      Sweep sweep = sound.sweep().grace(Duration.ZERO).deleteAfter(Duration.ZERO);
      assertThat(sweep.run().failures()).isEmpty();
    }
  }

  private List<FaultCalls.Plan> sampled(List<FaultCalls.Plan> all) {
    List<FaultCalls.Plan> plans = new ArrayList<>(all);
    Collections.shuffle(plans, new Random(seed));
    return ALL ? plans : plans.subList(0, Math.min(plans.size(), sample()));
  }

  private String prepared(FaultScenario scenario) {
    String namespace = "n" + namespaces++;
    for (int version : List.of(2, 3)) {
      String name = namespace + (version == 2 ? ".t" : ".u");
      append(
          sound.createTable(name, FaultScenario.SCHEMA, t -> t.formatVersion(version)), 1, 2, 3, 4);
    }
    scenario.prepare().run(sound, namespace);
    return namespace;
  }

  private void fail(
      FaultScenario scenario, FaultCalls.Plan plan, FaultState before, FaultState after) {
    String namespace = prepared(scenario);
    reset();
    plan.add(store, database);
    FirnException failure = null;
    try {
      scenario.act().run(faulty, namespace);
    } catch (FirnException e) {
      failure = e;
    } catch (RuntimeException e) {
      throw new AssertionError(describe(scenario, plan) + " ended with " + e, e);
    }
    reset();
    String what = describe(scenario, plan) + " -> " + failure;
    FaultState now = FaultState.of(sound, namespace);
    if (failure == null) {
      assertThat(now).as(what).isEqualTo(after);
    } else {
      assertThat(failure.kind())
          .as(what)
          .isIn(ErrorKind.UNAVAILABLE, ErrorKind.COMMIT_STATE_UNKNOWN);
      assertThat(now)
          .as(what)
          .isIn(failure.kind() == ErrorKind.UNAVAILABLE ? Set.of(before) : Set.of(before, after));
    }
    assertUsable(namespace, what);
  }

  /** The lakehouse that failed goes on. */
  private void assertUsable(String namespace, String what) {
    List<String> tables = sound.tables(namespace);
    if (!tables.isEmpty()) {
      String name = tables.get(0);
      long rows = sound.table(name).scan().count();
      append(faulty.table(name), 100);
      assertThat(sound.table(name).scan().count()).as(what).isEqualTo(rows + 1);
    }
  }

  private String describe(FaultScenario scenario, FaultCalls.Plan plan) {
    return "-Dfirn.faults.seed=%d: %s, where %s".formatted(seed, scenario, plan);
  }

  private void reset() {
    store.reset();
    database.reset();
  }

  /** Returns the files below the warehouse that no table needs or names. */
  private Set<Path> garbage() {
    Set<Path> files = TableFiles.present(directory.resolve("lake"));
    for (String name : sound.tables()) {
      files.removeAll(TableFiles.needed(sound.table(name).iceberg()));
      files.removeAll(TableFiles.earlierMetadata(sound.table(name).iceberg()));
    }
    return files;
  }
}
