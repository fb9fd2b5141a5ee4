package dev.firn.catalog.commit;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.iceberg.MetadataUpdate;
import org.apache.iceberg.RetryableValidationException;
import org.apache.iceberg.SnapshotRef;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.UpdateRequirement;
import org.apache.iceberg.UpdateRequirements;
import org.apache.iceberg.exceptions.CommitFailedException;

/**
 * What Iceberg's own API commits, as REST servers take it: the changes, and what they require of
 * the table. It applies to any newer metadata that still meets the requirements.
 *
 * @param outcome the metadata that the commit became part of; Iceberg's exceptions as they are
 */
record MetadataMember(
    TableMetadata base, List<MetadataUpdate> updates, long due, Outcome<TableMetadata> outcome)
    implements Member {
  /** What was made of {@code base}, at once. */
  static MetadataMember of(TableMetadata base, TableMetadata metadata) {
    return new MetadataMember(
        base, together(metadata.changes()), System.nanoTime(), new Outcome<>());
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
    // A table of format version 1 may have no id, and then nothing can be required of it.
    for (UpdateRequirement requirement :
        UpdateRequirements.forUpdateTable(base.withUUID(), updates)) {
      if (base.uuid() != null || !(requirement instanceof UpdateRequirement.AssertTableUUID)) {
        requirement.validate(current);
      }
    }
    requireNoNewRefs(current);
    try {
      staging.apply(updates);
    } catch (RetryableValidationException e) {
      throw new CommitFailedException(e, "Cannot commit: %s", e.getMessage());
    }
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
                        "Cannot remove snapshot %s: %s has been set to it since",
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
