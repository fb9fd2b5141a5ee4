package dev.firn.catalog.intent;

import java.util.List;

/**
 * What a sweep did, or would do.
 *
 * @param quarantined taken from dead writers now: untouched files that no commit can use any more
 * @param waiting in quarantine since earlier, and not due
 * @param deleted deleted for good
 * @param kept taken back from quarantine by a person; left alone
 * @param stillNeeded files that a dead writer had recorded and that a table refers to: taken out of
 *     the ledger, never deleted
 * @param failures what could not be looked at or deleted, and why; the next sweep tries again
 */
public record SweepResult(
    List<SweptFiles> quarantined,
    List<SweptFiles> waiting,
    List<SweptFiles> deleted,
    List<SweptFiles> kept,
    List<String> stillNeeded,
    List<String> failures) {
  public SweepResult {
    quarantined = List.copyOf(quarantined);
    waiting = List.copyOf(waiting);
    deleted = List.copyOf(deleted);
    kept = List.copyOf(kept);
    stillNeeded = List.copyOf(stillNeeded);
    failures = List.copyOf(failures);
  }
}
