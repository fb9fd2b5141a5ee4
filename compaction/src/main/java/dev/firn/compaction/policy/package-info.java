/**
 * What a table needs: how healthy it is, by its metadata alone, what its properties ask for, and
 * which work is due and worth it. Decides and does nothing.
 *
 * <p>Start at {@link dev.firn.compaction.policy.DueWork}: a pure function of {@link
 * dev.firn.compaction.policy.TableHealth}, {@link dev.firn.compaction.policy.MaintenancePolicy} and
 * {@link dev.firn.compaction.policy.WorkHistory}. All are immutable but {@link
 * dev.firn.compaction.policy.HealthReader}, which is confined to one thread.
 */
@NullMarked
package dev.firn.compaction.policy;

import org.jspecify.annotations.NullMarked;
