package dev.firn.compaction;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import java.util.OptionalLong;
import java.util.function.Supplier;
import org.apache.iceberg.PendingUpdate;
import org.apache.iceberg.events.CreateSnapshotEvent;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.exceptions.CommitStateUnknownException;
import org.apache.iceberg.exceptions.ValidationException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Work that looks at a table's head and commits what it found, and looks again where others
 * committed first. Immutable. Works in the calling thread.
 *
 * @param what as in "Cannot convert deletes of shop.orders"
 */
record HeadWork(Target target, String what, int attempts) {
  private static final Logger LOG = LoggerFactory.getLogger(HeadWork.class);

  /** Runs it, holding the head that it looks at. */
  <T> T once(Supplier<T> work) {
    return target.run(
        () -> {
          target.table().refresh();
          return held(work);
        });
  }

  /**
   * Runs {@code attempt} until no other writer is in its way.
   *
   * @throws FirnException CONFLICT where there always was one, COMMIT_STATE_UNKNOWN
   */
  <T> T retried(Supplier<T> attempt) {
    return target.run(
        () -> {
          for (int tries = 1; ; tries++) {
            target.table().refresh();
            try {
              return held(attempt);
            } catch (ValidationException | CommitFailedException e) {
              if (tries == attempts) {
                throw conflict(e);
              }
            } catch (CommitStateUnknownException e) {
              throw unknown(e);
            }
          }
        });
  }

  /** The commit is applied: what fails here must not look as if it had not been. */
  OptionalLong snapshot(PendingUpdate<?> applied) {
    try {
      return OptionalLong.of(((CreateSnapshotEvent) applied.updateEvent()).snapshotId());
    } catch (RuntimeException e) {
      LOG.warn("Could {} {}, which could not be read back", what, target.table().name(), e);
      return OptionalLong.empty();
    }
  }

  private <T> T held(Supplier<T> work) {
    Runnable release = target.hold();
    try {
      return work.get();
    } finally {
      release.run();
    }
  }

  private FirnException conflict(RuntimeException last) {
    return new FirnException(
        ErrorKind.CONFLICT,
        "Cannot %s %s: other writers kept changing it first; nothing was changed; run again"
            .formatted(what, target.table().name()),
        last);
  }

  private FirnException unknown(CommitStateUnknownException e) {
    return new FirnException(
        ErrorKind.COMMIT_STATE_UNKNOWN,
        "Cannot %s %s: whether it was done is unknown, as the catalog did not answer; no file was removed, and no row is concerned either way"
            .formatted(what, target.table().name()),
        e);
  }
}
