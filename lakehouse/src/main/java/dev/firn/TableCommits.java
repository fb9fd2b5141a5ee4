package dev.firn;

import dev.firn.catalog.LakeCatalog;
import dev.firn.catalog.commit.CommitReceipt;
import dev.firn.catalog.commit.CommitRequest;
import dev.firn.catalog.commit.Futures;
import dev.firn.catalog.commit.RowChange;
import dev.firn.catalog.intent.WriteIntent;
import dev.firn.error.FirnException;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.TableIdentifier;
import org.jspecify.annotations.Nullable;

/**
 * The commits of one table through its catalog: the one place where their requests are made.
 * Immutable.
 */
record TableCommits(LakeCatalog catalog, TableIdentifier table, Holds holds) {
  /** Until it is closed, upkeep lets {@code base} and what followed it stay. */
  Holds.Hold hold(@Nullable Snapshot base) {
    return holds.on(table, base);
  }

  /** As {@link #hold(Snapshot)}, by sequence number; to be run in the end. */
  Runnable hold(long sequence) {
    return holds.on(table, sequence)::close;
  }

  /** Returns a new intent to write files of {@code at}, which is this table. */
  WriteIntent intent(Table at) {
    return catalog.intent(table, at);
  }

  /** As {@link #intent}, cleared by what is committed by Iceberg's API through {@code own}. */
  WriteIntent intentOf(Table own) {
    return catalog.intentOf(table, own);
  }

  /** Returns a handle that nobody else has. */
  Table load() {
    return catalog.loadTable(table);
  }

  /**
   * Commits a change of {@code at}, which is this table, and clears the intents that name its
   * files.
   */
  CommitReceipt commit(Table at, RowChange change, WriteIntent... intents) {
    List<UUID> ids = Stream.of(intents).flatMap(each -> each.ids().stream()).toList();
    return Futures.await(submit(at, new CommitRequest(change, null, null, ids, Duration.ZERO)));
  }

  /** Commits a request made for {@code at}, and not for another table of its name. */
  CompletableFuture<CommitReceipt> submit(Table at, CommitRequest request) {
    return catalog.submit(table, at.uuid().toString(), request);
  }

  static void checkWait(String doing, Duration time) {
    if (time.isNegative()) {
      throw FirnException.invalid(
          "Cannot %s: bad time to wait for company, expected zero or more, got %s"
              .formatted(doing, time));
    }
  }
}
