package dev.firn.it.upkeep;

import dev.firn.LakeTable;
import dev.firn.Lakehouse;
import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** What keeps the table in shape, one job after the other at random. Confined to one thread. */
final class UpkeepJobs {
  /** More than come while one change is under way, which needs those before it. */
  private static final int KEPT_SNAPSHOTS = 40;

  private static final List<Consumer<LakeTable>> JOBS =
      List.of(
          table -> table.compact().run(),
          table -> table.compact().everything().run(),
          table -> table.rewriteManifests().all().run(),
          table ->
              table.expireSnapshots().olderThan(Instant.now()).retainLast(KEPT_SNAPSHOTS).run(),
          table -> table.convertDeletes().run(),
          table -> table.expireByGrades().run(),
          table -> table.orphans().run());

  private final Lakehouse lake;
  private final Random random;
  private final AtomicInteger done;

  UpkeepJobs(Lakehouse lake, Random random, AtomicInteger done) {
    this.lake = lake;
    this.random = random;
    this.done = done;
  }

  /** Works as long as it is asked to, and until something is done. */
  void run(BooleanSupplier goesOn) {
    while (goesOn.getAsBoolean() || done.get() == 0) {
      int job = random.nextInt(JOBS.size() + 1);
      try {
        if (job == JOBS.size()) {
          lake.sweep().grace(Duration.ZERO).deleteAfter(Duration.ZERO).run();
        } else {
          JOBS.get(job).accept(lake.table(UpkeepScript.TABLE));
        }
        done.incrementAndGet();
      } catch (FirnException e) {
        // Who lost its turn, or the store, says so and comes again.
        if (e.kind() != ErrorKind.CONFLICT
            && e.kind() != ErrorKind.UNAVAILABLE
            && e.kind() != ErrorKind.COMMIT_STATE_UNKNOWN) {
          throw e;
        }
      }
    }
  }
}
