package dev.firn.maintenance;

import java.util.List;

/**
 * What is due, as far as it could be found out.
 *
 * @param due table by table, the most urgent work of each first
 * @param failed the tables of which it could not be found out
 */
public record MaintenancePlan(List<PlannedWork> due, List<FailedLook> failed) {
  public MaintenancePlan {
    due = List.copyOf(due);
    failed = List.copyOf(failed);
  }

  /** Returns whether nothing is due, of any table. */
  public boolean isEmpty() {
    return due.isEmpty() && failed.isEmpty();
  }
}
