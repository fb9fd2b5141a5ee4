package dev.firn.catalog.commit;

import dev.firn.catalog.table.TableName;
import dev.firn.error.FirnException;
import dev.firn.error.NearMatch;
import java.util.HashSet;
import java.util.Set;
import org.apache.iceberg.ContentFile;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.SnapshotRef;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.exceptions.NoSuchTableException;
import org.jspecify.annotations.Nullable;

/**
 * What can be told of a change on its submitter's thread, so that a bad one hardly ever reaches a
 * group. Stateless.
 */
final class RequestChecks {
  private RequestChecks() {}

  /**
   * Checks a change against what is known of the table, and against what is current where that
   * refuses it: the table may have grown a spec or a branch since. Returns the metadata used.
   */
  static TableMetadata check(TableIdentifier table, TableStore store, CommitRequest request) {
    TableMetadata known = store.lastKnown(table);
    if (known != null) {
      try {
        return check(table, known, request);
      } catch (FirnException e) {
        // Asked again below, of what is current.
      }
    }
    TableMetadata current = store.current(table);
    if (current == null) {
      throw new NoSuchTableException("Table does not exist: %s", TableName.format(table));
    }
    return check(table, current, request);
  }

  /** As {@link #check(TableIdentifier, TableStore, CommitRequest)}, of {@code metadata} alone. */
  static TableMetadata check(TableIdentifier table, TableMetadata metadata, CommitRequest request) {
    RowChange change = request.change();
    requireBranch(table, metadata, change.branch());
    Set<String> paths = new HashSet<>();
    change.added().forEach(file -> checkFile(table, metadata, file, paths));
    change.deletes().forEach(file -> checkFile(table, metadata, file, null));
    return metadata;
  }

  /** Deletion vectors share files: {@code paths} is null for them. */
  private static void checkFile(
      TableIdentifier table,
      TableMetadata metadata,
      ContentFile<?> file,
      @Nullable Set<String> paths) {
    if (file.location() == null || file.location().isEmpty()) {
      throw bad(table, "a file has no path", file);
    }
    if (file.recordCount() < 0 || file.fileSizeInBytes() < 0) {
      throw bad(table, "a file has a negative count of rows or bytes", file);
    }
    PartitionSpec spec = metadata.spec(file.specId());
    if (spec == null) {
      throw bad(
          table,
          "it has no partition spec "
              + file.specId()
              + ", expected one of "
              + metadata.specsById().keySet(),
          file);
    }
    checkPartition(table, spec, file);
    if (paths != null && !paths.add(file.location())) {
      throw bad(table, "the change adds a file twice", file);
    }
  }

  private static void checkPartition(
      TableIdentifier table, PartitionSpec spec, ContentFile<?> file) {
    StructLike partition = file.partition();
    int fields = spec.fields().size();
    if (spec.isUnpartitioned() && partition != null && partition.size() == 0) {
      // Version 1 keeps fields that were dropped, as void; Iceberg gives such files no values.
      return;
    }
    if (partition == null || partition.size() != fields) {
      throw bad(
          table,
          "a file's partition does not fit its spec, expected %d values, got %d"
              .formatted(fields, partition == null ? 0 : partition.size()),
          file);
    }
    Class<?>[] types = spec.javaClasses();
    for (int i = 0; i < fields; i++) {
      Object value = partition.get(i, Object.class);
      if (value != null && !types[i].isInstance(value)) {
        throw bad(
            table,
            "a file's partition does not fit its spec, expected %s for %s, got %s"
                .formatted(
                    types[i].getSimpleName(),
                    spec.fields().get(i).name(),
                    value.getClass().getSimpleName()),
            file);
      }
    }
  }

  private static FirnException bad(TableIdentifier table, String reason, ContentFile<?> file) {
    return FirnException.invalid(
        "Cannot commit to %s: %s [%s]".formatted(TableName.format(table), reason, file.location()));
  }

  /** Iceberg would make a missing branch; a mistyped name must not. */
  private static void requireBranch(TableIdentifier table, TableMetadata metadata, String branch) {
    if (branch.equals(SnapshotRef.MAIN_BRANCH)) {
      return;
    }
    SnapshotRef ref = metadata.ref(branch);
    if (ref == null) {
      throw FirnException.notFound(
          "Cannot commit to %s: it has no branch %s%s"
              .formatted(
                  TableName.format(table),
                  branch,
                  NearMatch.hint(branch, metadata.refs().keySet())));
    }
    if (!ref.isBranch()) {
      throw FirnException.invalid(
          "Cannot commit to %s: %s is a tag, expected a branch"
              .formatted(TableName.format(table), branch));
    }
  }
}
