package dev.firn.maintenance;

import java.time.Duration;

/**
 * What a service has done since it was started, over all its tables, as counts that only grow.
 *
 * @param looks how often a table's state was looked at
 * @param done pieces of work that changed a table
 * @param nothing pieces of work that found nothing to do
 * @param failed pieces of work that failed
 * @param abandoned pieces of work that were given up before their commit
 * @param bytesRead bytes of data files that compactions took in, as far as they told
 * @param busy how long threads worked, added up
 */
public record MaintenanceMetrics(
    long looks,
    long done,
    long nothing,
    long failed,
    long abandoned,
    long bytesRead,
    Duration busy) {}
