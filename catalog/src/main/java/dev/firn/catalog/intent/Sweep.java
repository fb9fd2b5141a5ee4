package dev.firn.catalog.intent;

import dev.firn.catalog.error.IcebergErrors;
import dev.firn.error.FirnException;
import java.time.Duration;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A refinable sweep of what dead writers left behind: {@link #plan()} says what {@link #run()}
 * would do. Immutable. Works in the calling thread; several sweeps may run at once, in several
 * processes, and each may be killed at any moment.
 *
 * <p>Two steps. Files of writers whose session has ended, or whose lease ended a grace ago, are put
 * into quarantine: from then on no commit can make them part of a table, and they are not touched.
 * After a delay they are deleted. Before each step every retained snapshot of the table is asked
 * for them; a file that one refers to is taken out of the ledger instead, loudly. Until they are
 * deleted, {@link #undo} takes them back.
 */
public final class Sweep {
  /** How long a lease must have ended before its holder counts as dead. */
  public static final Duration GRACE = Duration.ofMinutes(5);

  /** How long files are in quarantine. */
  public static final Duration DELETE_AFTER = Duration.ofHours(24);

  private final SweepSteps steps;
  private final @Nullable String table;
  private final Duration grace;
  private final Duration deleteAfter;

  private Sweep(SweepSteps steps, @Nullable String table, Duration grace, Duration deleteAfter) {
    this.steps = steps;
    this.table = table;
    this.grace = grace;
    this.deleteAfter = deleteAfter;
  }

  static Sweep of(SweepSteps steps) {
    return new Sweep(steps, null, GRACE, DELETE_AFTER);
  }

  /** Only files written for the table of that name, as it was named then. */
  public Sweep table(String name) {
    return new Sweep(steps, name, grace, deleteAfter);
  }

  /** How long a lease must have ended (default five minutes); a session that was closed is dead. */
  public Sweep grace(Duration time) {
    return new Sweep(steps, table, notNegative("grace", time), deleteAfter);
  }

  /** How long files stay in quarantine before they are deleted (default 24 hours). */
  public Sweep deleteAfter(Duration time) {
    return new Sweep(steps, table, grace, notNegative("time in quarantine", time));
  }

  /** Says what {@link #run()} would do now. Reads metadata, changes nothing. */
  public SweepResult plan() {
    return guarded(() -> steps.plan(table, grace, deleteAfter));
  }

  /** Quarantines what is dead, and deletes what has been in quarantine long enough. */
  public SweepResult run() {
    return guarded(() -> steps.run(table, grace, deleteAfter));
  }

  /**
   * Takes files back from quarantine: they stay, no sweep touches them from then on, and a writer
   * that turns out to be alive may commit them.
   *
   * @throws FirnException NOT_FOUND where nothing of that id is in quarantine (any more)
   */
  public void undo(UUID id) {
    guarded(
        () -> {
          steps.undo(id);
          return true;
        });
  }

  private interface Work<T> {
    T run();
  }

  private <T> T guarded(Work<T> work) {
    try {
      return work.run();
    } catch (RuntimeException e) {
      throw IcebergErrors.translate("sweep " + (table == null ? "the ledger" : table), e);
    }
  }

  private static Duration notNegative(String what, Duration time) {
    if (time.isNegative()) {
      throw FirnException.invalid(
          "Cannot sweep: bad %s, expected zero or more, got %s".formatted(what, time));
    }
    return time;
  }
}
