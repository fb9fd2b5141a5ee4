package dev.firn;

import dev.firn.catalog.commit.CommitReceipt;
import java.util.Optional;

/**
 * What a delete did.
 *
 * @param commit empty where no row matched, and so nothing was committed
 * @param rows rows that are gone
 * @param filesRemoved data files that went whole
 * @param filesMarked data files that stay, with rows marked as deleted
 */
public record DeleteReceipt(
    Optional<CommitReceipt> commit, long rows, int filesRemoved, int filesMarked) {}
