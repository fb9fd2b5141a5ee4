package dev.firn.scan;

import dev.firn.format.parquet.filter.BatchPredicate;
import dev.firn.format.parquet.filter.RowBits;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileContent;
import org.apache.iceberg.Schema;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.data.DeleteLoader;
import org.apache.iceberg.types.TypeUtil;
import org.apache.iceberg.util.StructLikeSet;
import org.apache.iceberg.util.StructProjection;

/**
 * The equality deletes of one data file as a test of its rows: kept are those whose key no delete
 * names; null equals null. Confined to one thread.
 *
 * @see <a href="https://iceberg.apache.org/spec/#equality-delete-files">Equality delete files</a>
 */
final class EqualityDeletes implements BatchPredicate {
  /** The deleted keys of delete files on the same fields, and how a row shows that key. */
  private record Keys(StructProjection key, StructLikeSet deleted) {}

  private final Schema columns;
  private final List<Keys> keys = new ArrayList<>();

  private EqualityDeletes(Schema columns) {
    this.columns = columns;
  }

  /**
   * Loads those of {@code deletes} that are by equality; {@code columns} holds every field they
   * name.
   */
  static EqualityDeletes load(List<DeleteFile> deletes, Schema columns, DeleteLoader loader) {
    Map<Set<Integer>, List<DeleteFile>> byFields = new LinkedHashMap<>();
    for (DeleteFile delete : deletes) {
      if (delete.content() == FileContent.EQUALITY_DELETES) {
        byFields
            .computeIfAbsent(Set.copyOf(delete.equalityFieldIds()), ids -> new ArrayList<>())
            .add(delete);
      }
    }
    EqualityDeletes test = new EqualityDeletes(columns);
    byFields.forEach(
        (ids, files) -> {
          Schema key = TypeUtil.select(columns, ids);
          test.keys.add(
              new Keys(
                  StructProjection.create(columns, key), loader.loadEqualityDeletes(files, key)));
        });
    return test;
  }

  @Override
  public void test(VectorSchemaRoot batch, RowBits keep) {
    VectorStruct row = VectorStruct.of(columns.asStruct(), batch.getFieldVectors());
    for (int i = 0; i < keep.rows(); i++) {
      if (keep.get(i) && isDeleted(row.at(i))) {
        keep.clear(i);
      }
    }
  }

  private boolean isDeleted(StructLike row) {
    for (Keys each : keys) {
      if (each.deleted().contains(each.key().wrap(row))) {
        return true;
      }
    }
    return false;
  }
}
