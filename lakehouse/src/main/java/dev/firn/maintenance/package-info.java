/**
 * The maintenance service: looks at tables, does what {@link dev.firn.compaction.policy.DueWork}
 * finds due, one process per table at a time, and records it. Knows tables only by {@link
 * dev.firn.maintenance.Workplace}, which a lakehouse gives it.
 *
 * <p>Start at {@link dev.firn.maintenance.Maintenance}, which {@code lake.maintenance()} returns.
 * Its threads are daemons named {@code firn-maintenance-…}, bounded, and end with {@link
 * dev.firn.maintenance.MaintenanceService#close()}. Killed at any moment, it leaves tables whole:
 * each piece of work is one commit or none, files of a dead process are in the ledger of write
 * intents, and its leases end by time.
 */
@NullMarked
package dev.firn.maintenance;

import org.jspecify.annotations.NullMarked;
