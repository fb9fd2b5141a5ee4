package dev.firn;

import static dev.firn.FaultScenario.append;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.catalog.intent.OrphanSearch;
import dev.firn.catalog.intent.Sweep;
import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import dev.firn.testing.TableFiles;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
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
  private @Nullable FaultGround ground;
  private @Nullable Lakehouse faulty;
  private @Nullable Lakehouse sound;
  private int namespaces;

  /** Returns an empty store and an empty database. */
  abstract FaultGround newGround();

  /** Returns how many faults of each kind of calls each operation meets. */
  abstract int sample();

  /** {@code -Dfirn.faults.only=compact}: those whose name begins so. */
  static List<FaultScenario> scenarios() {
    String only = System.getProperty("firn.faults.only", "");
    return FaultScenario.all().stream().filter(each -> each.name().startsWith(only)).toList();
  }

  private void open() {
    ground = newGround();
    sound = Lakehouse.open(ground.settings());
    faulty = ground.openFaulty();
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
    FaultState before = state(first);
    ground.reset();
    scenario.act().run(faulty, first);
    List<List<FaultPlan>> plans = ground.plans();
    FaultState after = state(first);
    for (List<FaultPlan> kind : plans) {
      for (FaultPlan plan : sampled(kind)) {
        fail(scenario, plan, before, after);
      }
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
      assertThat(garbage()).as(what).noneMatch(each -> each.matches(".*\\.(parquet|puffin)"));
    }
    ground.assertNothingOpen(what);
    if (garbage().stream().allMatch(ground::age)) {
      searchOrphans(scenario, what);
    }
    for (String name : sound.tables()) {
      assertThat(ground.present()).as(what).containsAll(needed(name));
    }
  }

  private void searchOrphans(FaultScenario scenario, String what) {
    for (String name : sound.tables()) {
      sound.table(name).orphans().olderThan(OrphanSearch.LEAST_AGE).run();
    }
    sweep();
    if (!scenario.removesFiles()) {
      // Nobody looks for metadata where no table ever came to be.
      Set<String> garbage = garbage();
      garbage.removeIf(file -> scenario.makesTable() && !belongsToATable(file));
      assertThat(garbage).as(what).isEmpty();
    }
  }

  private boolean belongsToATable(String file) {
    return sound.tables().stream()
        .map(name -> Set.of(sound.table(name).iceberg().location()))
        .anyMatch(at -> file.startsWith(FaultState.locations(at).iterator().next() + "/"));
  }

  private FaultState state(String namespace) {
    return FaultState.of(sound, namespace, ground.present());
  }

  private void sweep() {
    // First they are put into quarantine, then they go.
    for (int step = 0; step < 2; step++) {
      Sweep sweep = sound.sweep().grace(Duration.ZERO).deleteAfter(Duration.ZERO);
      assertThat(sweep.run().failures()).isEmpty();
    }
  }

  private List<FaultPlan> sampled(List<FaultPlan> all) {
    List<FaultPlan> plans = new ArrayList<>(all);
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

  private void fail(FaultScenario scenario, FaultPlan plan, FaultState before, FaultState after) {
    String namespace = prepared(scenario);
    ground.reset();
    plan.prepare().run();
    FirnException failure = null;
    try {
      scenario.act().run(faulty, namespace);
    } catch (FirnException e) {
      failure = e;
    } catch (RuntimeException e) {
      throw new AssertionError(describe(scenario, plan) + " ended with " + e, e);
    }
    ground.reset();
    String what = describe(scenario, plan) + " -> " + failure;
    FaultState now = state(namespace);
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
    ground.assertNothingOpen(what);
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

  private String describe(FaultScenario scenario, FaultPlan plan) {
    return "-Dfirn.faults.seed=%d: %s, where %s".formatted(seed, scenario, plan);
  }

  /** Returns the files of the store that no table needs or names. */
  private Set<String> garbage() {
    Set<String> files = ground.present();
    for (String name : sound.tables()) {
      files.removeAll(needed(name));
      files.removeAll(
          FaultState.locations(TableFiles.earlierMetadataLocations(sound.table(name).iceberg())));
    }
    return files;
  }

  private Set<String> needed(String name) {
    return FaultState.locations(TableFiles.neededLocations(sound.table(name).iceberg()));
  }
}
