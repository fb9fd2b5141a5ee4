package dev.firn.catalog.commit;

import dev.firn.catalog.error.IcebergErrors;
import dev.firn.catalog.jdbc.ChannelMove;
import dev.firn.catalog.jdbc.Pointers;
import dev.firn.catalog.table.SupportedTables;
import dev.firn.catalog.table.TableName;
import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.apache.iceberg.MetadataUpdate;
import org.apache.iceberg.RetryableValidationException;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.UpdateRequirement;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.exceptions.AlreadyExistsException;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.jspecify.annotations.Nullable;

/**
 * One table of a commit to several: staged on its newest metadata, again for every attempt. Used by
 * one thread at a time; owns what it wrote until {@link #discard} or {@link #applied}.
 */
final class TogetherMember {
  private static final int DEFAULT_FORMAT = 2;

  private final TableChanges changes;
  private final TableStore store;
  private final List<RowStep> steps;
  private final List<CommitReceipt> receipts = new ArrayList<>();
  private @Nullable Staging staging;
  private Pointers.@Nullable Move move;

  TogetherMember(TableChanges changes, TableStore store) {
    this.changes = changes;
    this.store = store;
    this.steps = RowStep.plan(changes.requests());
  }

  TableIdentifier table() {
    return changes.table();
  }

  /**
   * Stages the changes and writes the metadata file.
   *
   * @param newest null where there is no such table
   * @throws FirnException CONFLICT or ALREADY_EXISTS where others changed the table such that these
   *     changes no longer apply; naming the table
   */
  void stage(@Nullable TableMetadata newest) {
    try {
      requireUnchanged(newest);
      TableMetadata base = base(newest);
      Staging begun = new Staging(table(), base, store);
      staging = begun;
      if (base == newest) {
        update(begun);
      }
      for (RowStep step : steps) {
        stage(begun, step);
      }
      if (base != newest || begun.isChanged()) {
        SupportedTables.check(TableName.format(table()), begun.metadata());
        move = begun.write();
      }
    } catch (RuntimeException e) {
      throw IcebergErrors.translate(doing(), e);
    }
  }

  private String doing() {
    return "commit to " + TableName.format(table());
  }

  private void requireUnchanged(@Nullable TableMetadata newest) {
    String expected = changes.unchanged();
    if (expected != null && (newest == null || !expected.equals(newest.metadataFileLocation()))) {
      throw new FirnException(
          ErrorKind.CONFLICT,
          "Cannot %s: another writer has changed the table, which must stay as it was read; nothing was applied, try again"
              .formatted(doing()));
    }
  }

  /** Returns {@code newest}, or what the updates make of nothing where the table is to be made. */
  private TableMetadata base(@Nullable TableMetadata newest) {
    boolean creates =
        changes.requirements().stream()
            .anyMatch(each -> each instanceof UpdateRequirement.AssertTableDoesNotExist);
    if (!creates) {
      if (newest == null) {
        throw new CommitFailedException("Table does not exist any more: %s", table());
      }
      return newest;
    }
    if (newest != null) {
      throw new AlreadyExistsException("Table already exists: %s", table());
    }
    TableMetadata.Builder builder = TableMetadata.buildFromEmpty(formatVersion());
    changes.updates().forEach(update -> update.applyTo(builder));
    return builder.build();
  }

  /** Iceberg's own default, which it keeps to itself, where the updates name none. */
  private int formatVersion() {
    int version = DEFAULT_FORMAT;
    for (MetadataUpdate update : changes.updates()) {
      if (update instanceof MetadataUpdate.UpgradeFormatVersion upgrade) {
        version = upgrade.formatVersion();
      }
    }
    return version;
  }

  private void update(Staging begun) {
    changes.requirements().forEach(requirement -> requirement.validate(begun.base()));
    try {
      begun.apply(builder -> changes.updates().forEach(update -> update.applyTo(builder)));
    } catch (RetryableValidationException e) {
      throw new CommitFailedException(e, "Cannot commit: %s", e.getMessage());
    }
  }

  private void stage(Staging begun, RowStep step) {
    for (CommitRequest request : step.requests()) {
      RequestChecks.check(table(), begun.metadata(), request);
      requireOwnChannel(begun, request.channel());
    }
    Snapshot made = step.stage(begun);
    for (int i = 0; i < step.requests().size(); i++) {
      receipts.add(new CommitReceipt(made.snapshotId(), made.sequenceNumber(), receipts.size()));
    }
  }

  private void requireOwnChannel(Staging begun, @Nullable ChannelMove channel) {
    if (channel != null && !Objects.equals(channel.tableUuid(), begun.base().uuid())) {
      throw FirnException.notFound(
          "Cannot %s: the table was dropped and made again since its channel was opened, expected table %s, got %s; open the channel anew"
              .formatted(doing(), channel.tableUuid(), begun.base().uuid()));
    }
  }

  /** Adds what the swap has to do for this table. */
  void addTo(
      List<Pointers.Move> moves,
      List<Pointers.Unchanged> unchanged,
      List<ChannelMove> channels,
      List<UUID> intents) {
    String held = changes.unchanged();
    if (move != null) {
      moves.add(move);
    } else if (held != null) {
      unchanged.add(new Pointers.Unchanged(table(), held));
    }
    for (int i = 0; i < receipts.size(); i++) {
      CommitRequest request = changes.requests().get(i);
      intents.addAll(request.intents());
      ChannelMove channel = request.channel();
      if (channel != null) {
        channels.add(channel.withSnapshot(receipts.get(i).snapshotId()));
      }
    }
  }

  /** Returns a receipt for each request, in order. */
  List<CommitReceipt> receipts() {
    return List.copyOf(receipts);
  }

  /** The swap has been applied. Returns what became of the table; null where nothing did. */
  Group.@Nullable Applied applied() {
    Staging done = staging;
    return done == null || move == null
        ? null
        : new Group.Applied(
            done.base(),
            done.applied(),
            steps.stream().flatMap(step -> step.leftOut().stream()).toList());
  }

  /** The attempt surely was not applied: removes what the next one would write anew. */
  void retry() {
    if (staging != null) {
      staging.discard();
    }
    staging = null;
    move = null;
    receipts.clear();
  }

  /** Nothing was applied, and nothing will be: removes everything that was written. */
  void discard() {
    retry();
    steps.forEach(RowStep::discard);
  }
}
