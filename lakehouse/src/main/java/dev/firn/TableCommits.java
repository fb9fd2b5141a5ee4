package dev.firn;

import dev.firn.catalog.LakeCatalog;
import dev.firn.catalog.commit.CommitReceipt;
import dev.firn.catalog.commit.CommitRequest;
import dev.firn.catalog.commit.RowChange;
import dev.firn.catalog.jdbc.ChannelMove;
import dev.firn.error.FirnException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.iceberg.catalog.TableIdentifier;
import org.jspecify.annotations.Nullable;

/**
 * The commits of one table through its catalog: the one place where their requests are made.
 * Immutable.
 */
record TableCommits(LakeCatalog catalog, TableIdentifier table) {
  CommitReceipt commit(RowChange change) {
    return catalog.commit(table, request(change, null, Duration.ZERO));
  }

  CompletableFuture<CommitReceipt> submit(
      RowChange change, @Nullable ChannelMove channel, Duration within) {
    return catalog.submit(table, request(change, channel, within));
  }

  private static CommitRequest request(
      RowChange change, @Nullable ChannelMove channel, Duration within) {
    return new CommitRequest(change, null, channel, List.of(), within);
  }

  static void checkWait(String doing, Duration time) {
    if (time.isNegative()) {
      throw FirnException.invalid(
          "Cannot %s: bad time to wait for company, expected zero or more, got %s"
              .formatted(doing, time));
    }
  }
}
