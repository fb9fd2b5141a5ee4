package dev.firn.catalog.commit;

import dev.firn.catalog.table.TableName;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.apache.iceberg.MetadataUpdate;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.RetryableValidationException;
import org.apache.iceberg.Schema;
import org.apache.iceberg.SnapshotRef;
import org.apache.iceberg.SortOrder;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.UpdateRequirement;
import org.apache.iceberg.UpdateRequirements;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.exceptions.ValidationException;
import org.jspecify.annotations.Nullable;

/**
 * What Iceberg's own API commits, as REST servers take it: the changes, and what they require of
 * the table. It applies to any newer metadata that still meets the requirements.
 *
 * @param intents the write intents that name the files of the commit
 * @param replacement what a table is to be replaced by; null where it is changed
 * @param outcome the metadata that the commit became part of; Iceberg's exceptions as they are
 */
record MetadataMember(
    TableMetadata base,
    List<MetadataUpdate> updates,
    List<UUID> intents,
    @Nullable TableMetadata replacement,
    long due,
    Outcome<TableMetadata> outcome)
    implements Member {
  /** What was made of {@code base}, at once. */
  static MetadataMember of(TableMetadata base, TableMetadata metadata, List<UUID> intents) {
    return new MetadataMember(
        base,
        together(metadata.changes()),
        List.copyOf(intents),
        isMadeOf(base, metadata) ? null : metadata,
        System.nanoTime(),
        new Outcome<>());
  }

  /** Only a transaction that replaces a table commits what was made of older metadata. */
  private static boolean isMadeOf(TableMetadata base, TableMetadata metadata) {
    List<TableMetadata.MetadataLogEntry> previous = metadata.previousFiles();
    return !previous.isEmpty()
        && previous.get(previous.size() - 1).file().equals(base.metadataFileLocation());
  }

  /**
   * Makes one removal of those that follow each other: Iceberg removes snapshots one by one, and
   * goes through all that are left for each.
   */
  private static List<MetadataUpdate> together(List<MetadataUpdate> updates) {
    List<MetadataUpdate> all = new ArrayList<>();
    Set<Long> removed = new HashSet<>();
    for (MetadataUpdate update : updates) {
      if (update instanceof MetadataUpdate.RemoveSnapshots removal) {
        removed.addAll(removal.snapshotIds());
        continue;
      }
      if (!removed.isEmpty()) {
        all.add(new MetadataUpdate.RemoveSnapshots(removed));
        removed = new HashSet<>();
      }
      all.add(update);
    }
    if (!removed.isEmpty()) {
      all.add(new MetadataUpdate.RemoveSnapshots(removed));
    }
    return all;
  }

  /** Makes the changes, all or none. */
  void stage(Staging staging) {
    TableMetadata current = staging.metadata();
    try {
      requireAll(current);
      requireNoNewRefs(current);
      staging.atomically(
          () -> {
            staging.apply(builder -> updates.forEach(update -> update.applyTo(builder)));
            if (replacement != null) {
              replace(staging, replacement);
            }
          });
    } catch (RetryableValidationException | CommitFailedException e) {
      throw new CommitFailedException(
          e, "Cannot commit to %s: %s", TableName.format(staging.table()), e.getMessage());
    } catch (ValidationException e) {
      if (replacement == null) {
        throw e;
      }
      // What it adds to the table it began with is there already: another's, with another number.
      throw new CommitFailedException(
          e, "Cannot commit to %s: %s", TableName.format(staging.table()), e.getMessage());
    }
  }

  private void requireAll(TableMetadata current) {
    // A table of format version 1 may have no id, and then nothing can be required of it.
    for (UpdateRequirement requirement :
        UpdateRequirements.forUpdateTable(base.withUUID(), updates)) {
      if (base.uuid() != null || !(requirement instanceof UpdateRequirement.AssertTableUUID)) {
        requirement.validate(current);
      }
    }
  }

  /**
   * Makes current what a replaced table is to have, although the changes do not say so: there was
   * nothing to change when they were made. Its data files name schema and spec by number, so these
   * must mean what they meant then.
   */
  private static void replace(Staging staging, TableMetadata replacement) {
    TableMetadata made = staging.metadata();
    Schema schema = made.schemasById().get(replacement.currentSchemaId());
    PartitionSpec spec = made.spec(replacement.defaultSpecId());
    SortOrder order =
        made.sortOrders().stream()
            .filter(replacement.sortOrder()::sameOrder)
            .findFirst()
            .orElse(null);
    if (schema == null
        || !schema.sameSchema(replacement.schema())
        || spec == null
        || !spec.compatibleWith(replacement.spec())
        || order == null) {
      throw new CommitFailedException(
          "another writer changed the table's schema, spec or order since it began to be replaced");
    }
    staging.apply(
        builder -> {
          builder
              .setCurrentSchema(schema.schemaId())
              .setDefaultPartitionSpec(spec.specId())
              .setDefaultSortOrder(order.orderId())
              .setLocation(replacement.location());
          if (replacement.currentSnapshot() == null) {
            builder.removeRef(SnapshotRef.MAIN_BRANCH);
          }
        });
  }

  /** Beyond what REST requires: removing a snapshot removes, in silence, refs made to it since. */
  private void requireNoNewRefs(TableMetadata current) {
    for (MetadataUpdate update : updates) {
      if (update instanceof MetadataUpdate.RemoveSnapshots removed) {
        current
            .refs()
            .forEach(
                (name, ref) -> {
                  if (removed.snapshotIds().contains(ref.snapshotId()) && !hadRef(name, ref)) {
                    throw new CommitFailedException(
                        "it removes snapshot %s, and %s has been set to it since",
                        ref.snapshotId(), name);
                  }
                });
      }
    }
  }

  private boolean hadRef(String name, SnapshotRef ref) {
    SnapshotRef before = base.ref(name);
    return before != null && before.snapshotId() == ref.snapshotId();
  }

  @Override
  public int files() {
    return 0;
  }

  @Override
  public void fail(RuntimeException error) {
    outcome.completeExceptionally(error);
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
