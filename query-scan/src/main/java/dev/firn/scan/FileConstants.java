package dev.firn.scan;

import java.util.List;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.MetadataColumns;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.IdentityPartitionConverters;
import org.apache.iceberg.types.Types.NestedField;
import org.apache.iceberg.types.Types.StructType;
import org.apache.iceberg.util.PartitionUtil;
import org.jspecify.annotations.Nullable;

/** The metadata columns that have one value for all rows of a file. Stateless. */
final class FileConstants {
  private FileConstants() {}

  static @Nullable Object value(Table table, FileScanTask task, NestedField column) {
    int id = column.fieldId();
    if (id == MetadataColumns.FILE_PATH.fieldId()) {
      return task.file().location();
    }
    if (id == MetadataColumns.SPEC_ID.fieldId()) {
      return task.file().specId();
    }
    if (id == MetadataColumns.IS_DELETED.fieldId()) {
      return false;
    }
    if (id == MetadataColumns.PARTITION_COLUMN_ID) {
      return partition(table, task, column.type().asStructType());
    }
    throw new IllegalArgumentException("Not a constant of a file: " + column);
  }

  /** The file's partition, in the union of all specs' fields; null where there are none. */
  private static @Nullable GenericRecord partition(
      Table table, FileScanTask task, StructType type) {
    PartitionSpec spec = table.specs().get(task.file().specId());
    if (spec == null || type.fields().isEmpty()) {
      return null;
    }
    StructLike values = PartitionUtil.coercePartition(type, spec, task.file().partition());
    GenericRecord partition = GenericRecord.create(type);
    List<NestedField> fields = type.fields();
    for (int i = 0; i < fields.size(); i++) {
      partition.set(
          i,
          IdentityPartitionConverters.convertConstant(
              fields.get(i).type(), values.get(i, Object.class)));
    }
    return partition;
  }
}
