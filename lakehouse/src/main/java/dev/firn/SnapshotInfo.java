package dev.firn;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One retained snapshot.
 *
 * @param parentId null for the first one
 * @param operation {@code append}, {@code overwrite}, {@code delete} or {@code replace}
 * @param summary counts as Iceberg writes them ({@code added-records}, {@code total-data-files}, …)
 * @param refs branches and tags that point at it
 */
public record SnapshotInfo(
    long id,
    @Nullable Long parentId,
    long sequenceNumber,
    Instant committedAt,
    String operation,
    Map<String, String> summary,
    List<String> refs) {}
