package dev.firn.maintenance;

import dev.firn.catalog.jdbc.MaintenanceHistory;
import dev.firn.compaction.policy.WorkHistory;
import dev.firn.compaction.policy.WorkKind;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads the history of one table as decisions need it. Stateless. */
final class HistoryOf {
  /** As many as the history keeps of all kinds together. */
  private static final int MOST = MaintenanceHistory.KEPT * WorkKind.values().length;

  private HistoryOf() {}

  static WorkHistory table(WorkLedger ledger, String uuid) {
    return of(ledger.history(uuid, MOST));
  }

  /** {@code newestFirst} is of one table. Work that was given up says nothing. */
  static WorkHistory of(List<PerformedWork> newestFirst) {
    Map<WorkKind, Run> runs = new EnumMap<>(WorkKind.class);
    for (PerformedWork work : newestFirst) {
      Optional<WorkKind> kind = WorkKind.find(work.kind());
      if (kind.isPresent() && !work.outcome().equals(Outcome.ABANDONED.word())) {
        runs.computeIfAbsent(kind.get(), k -> new Run(work)).older(work);
      }
    }
    Map<WorkKind, WorkHistory.Past> past = new EnumMap<>(WorkKind.class);
    runs.forEach((kind, run) -> past.put(kind, run.past()));
    return new WorkHistory(past);
  }

  /** The last runs that ended alike. Mutable. */
  private static final class Run {
    private final PerformedWork newest;
    private int alike;
    private boolean ended;

    Run(PerformedWork newest) {
      this.newest = newest;
    }

    void older(PerformedWork work) {
      ended |= !work.outcome().equals(newest.outcome());
      alike += ended ? 0 : 1;
    }

    WorkHistory.Past past() {
      return new WorkHistory.Past(
          newest.endedAt(),
          Duration.between(newest.startedAt(), newest.endedAt()),
          newest.outcome().equals(Outcome.FAILED.word()) ? alike : 0,
          newest.outcome().equals(Outcome.NOTHING.word()) ? alike : 0);
    }
  }
}
