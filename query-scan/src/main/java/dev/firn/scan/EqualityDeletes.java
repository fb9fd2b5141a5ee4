package dev.firn.scan;

import dev.firn.format.parquet.filter.BatchPredicate;
import dev.firn.format.parquet.filter.RowBits;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileContent;
import org.apache.iceberg.MetadataColumns;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.TypeUtil;
import org.apache.iceberg.types.Types.NestedField;
import org.jspecify.annotations.Nullable;

/**
 * The equality deletes of one data file as a test of its rows: kept are those whose key no delete
 * names; null equals null. Confined to one thread.
 *
 * <p>How it works: the keys of each delete file are a set that all data files share, and where a
 * data file has more rows than it is work to merge its sets, they are merged first. Where the sets
 * of a data file together do not fit the memory for them, {@link DeadRows} finds out in passes.
 *
 * @see <a href="https://iceberg.apache.org/spec/#equality-delete-files">Equality delete files</a>
 */
final class EqualityDeletes implements BatchPredicate {
  /**
   * Delete files on the same fields.
   *
   * @param stored the key as the delete files have it
   * @param tested the key as the rows have it
   */
  record Group(KeyLayout stored, KeyLayout tested, List<DeleteFile> files) {
    static Group of(Schema columns, Set<Integer> ids, List<DeleteFile> files) {
      KeyLayout stored = new KeyLayout(TypeUtil.select(columns, ids), ids);
      return new Group(stored, new KeyLayout(columns, ids), files);
    }

    long records() {
      return files.stream().mapToLong(DeleteFile::recordCount).sum();
    }
  }

  private record Keys(KeyLayout layout, List<KeySet> deleted) {}

  private final List<Keys> keys = new ArrayList<>();

  private EqualityDeletes() {}

  /** What batches must have to be tested: the fields that deletes name, and positions. */
  static Schema tested(Schema keys) {
    List<NestedField> columns = new ArrayList<>(keys.columns());
    columns.add(MetadataColumns.ROW_POSITION);
    return new Schema(columns);
  }

  /**
   * Loads those of {@code deletes} that are by equality, for a file of about so many rows, to test
   * batches of {@link #tested} columns. {@code keyRows} opens all of the file's rows in the same
   * columns, which is asked for where keys do not fit the memory.
   */
  static BatchPredicate load(
      List<DeleteFile> deletes,
      long rows,
      Schema tested,
      DeleteFiles files,
      BufferAllocator allocator,
      Supplier<BatchCursor> keyRows) {
    List<Group> groups = groups(deletes, tested);
    EqualityDeletes test = inMemory(groups, rows, files, allocator);
    return test == null ? DeadRows.find(groups, tested, files, allocator, keyRows) : test;
  }

  private static List<Group> groups(List<DeleteFile> deletes, Schema columns) {
    Map<Set<Integer>, List<DeleteFile>> byFields = new LinkedHashMap<>();
    for (DeleteFile delete : deletes) {
      if (delete.content() == FileContent.EQUALITY_DELETES) {
        byFields
            .computeIfAbsent(Set.copyOf(delete.equalityFieldIds()), ids -> new ArrayList<>())
            .add(delete);
      }
    }
    List<Group> groups = new ArrayList<>();
    byFields.forEach((ids, group) -> groups.add(Group.of(columns, ids, group)));
    return groups;
  }

  /** Null: the keys do not fit the memory. */
  private static @Nullable EqualityDeletes inMemory(
      List<Group> groups, long rows, DeleteFiles files, BufferAllocator allocator) {
    EqualityDeletes test = new EqualityDeletes();
    long bytes = 0;
    for (Group group : groups) {
      List<KeySet> sets = new ArrayList<>();
      for (DeleteFile file : group.files()) {
        KeySet set = files.keys(file, group.stored(), allocator);
        if (set == null) {
          return null;
        }
        bytes += set.bytes();
        if (bytes > files.keyBytes()) {
          return null;
        }
        sets.add(set);
      }
      test.keys.add(new Keys(group.tested(), files.merged(group, sets, rows)));
    }
    return test;
  }

  @Override
  public void test(VectorSchemaRoot batch, RowBits keep) {
    for (Keys each : keys) {
      for (KeySet deleted : each.deleted()) {
        each.layout().probe(batch, deleted, keep);
      }
    }
  }
}
