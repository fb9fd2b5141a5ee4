package dev.firn.maintenance;

import dev.firn.compaction.policy.DueWork;
import dev.firn.compaction.policy.HealthReader;
import dev.firn.compaction.policy.WorkHistory;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What is remembered of one table between looks. Confined to whoever looks, one at a time; its
 * status may be asked for by any thread.
 */
final class Watch {
  private final String table;
  private HealthReader reader = new HealthReader();
  private @Nullable String uuid;
  private WorkHistory history = WorkHistory.NONE;
  private volatile TableStatus status;

  Watch(String table) {
    this.table = table;
    this.status = new TableStatus(table, null, null, 0, 0, null, null);
  }

  String table() {
    return table;
  }

  /** Returns whether it is another table than at the last look; forgets that one then. */
  boolean isNew(String newUuid) {
    if (newUuid.equals(uuid)) {
      return false;
    }
    uuid = newUuid;
    reader = new HealthReader();
    history = WorkHistory.NONE;
    return true;
  }

  HealthReader reader() {
    return reader;
  }

  WorkHistory history() {
    return history;
  }

  void history(WorkHistory newHistory) {
    history = newHistory;
  }

  TableStatus status() {
    return status;
  }

  void looked(Instant at) {
    status = new TableStatus(table, null, null, 0, 0, at, null);
  }

  void failed(String error) {
    status = new TableStatus(table, null, null, 0, 0, status.lookedAt(), error);
  }

  void working(DueWork work, long done, long total) {
    status =
        new TableStatus(
            table, work.kind().word(), work.reason(), done, total, status.lookedAt(), null);
  }
}
