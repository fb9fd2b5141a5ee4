package dev.firn.maintenance;

import dev.firn.compaction.policy.DueWork;

/** Work that is due for a table, by name. */
public record PlannedWork(String table, DueWork work) {}
