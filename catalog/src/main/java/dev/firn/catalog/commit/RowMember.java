package dev.firn.catalog.commit;

import dev.firn.catalog.error.IcebergErrors;
import dev.firn.catalog.table.TableName;
import java.util.List;
import java.util.UUID;
import org.apache.iceberg.catalog.TableIdentifier;
import org.jspecify.annotations.Nullable;

/**
 * A change of rows in a lane.
 *
 * @param tableUuid the table that it is meant for: another of the same name must not get it; null
 *     for a table of format version 1 that has none
 */
record RowMember(
    TableIdentifier table,
    @Nullable String tableUuid,
    CommitRequest request,
    long due,
    Outcome<CommitReceipt> outcome)
    implements Member {
  static RowMember of(TableIdentifier table, @Nullable String tableUuid, CommitRequest request) {
    long due = System.nanoTime() + request.within().toNanos();
    return new RowMember(table, tableUuid, request, due, new Outcome<>());
  }

  @Override
  public int files() {
    return request.change().added().size();
  }

  @Override
  public List<UUID> intents() {
    return request.intents();
  }

  @Override
  public void fail(RuntimeException error) {
    outcome.completeExceptionally(
        IcebergErrors.translate("commit to " + TableName.format(table), error));
  }

  @Override
  public boolean equals(Object other) {
    return this == other;
  }

  @Override
  public int hashCode() {
    return System.identityHashCode(this);
  }
}
