package dev.firn.scan;

import java.util.HashMap;
import java.util.Map;
import java.util.function.IntFunction;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.MetadataColumns;
import org.apache.iceberg.Partitioning;
import org.apache.iceberg.Table;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.util.PartitionUtil;
import org.jspecify.annotations.Nullable;

/**
 * What a file's rows have in common by its metadata: partition values and metadata columns, by
 * field id in Iceberg's internal representation. Stateless.
 */
final class InternalConstants {
  private InternalConstants() {}

  /** {@code types} gives the type that a field is read in; null where it is not read. */
  static Map<Integer, @Nullable Object> of(
      Table table, FileScanTask task, IntFunction<@Nullable Type> types) {
    Map<Integer, @Nullable Object> constants = new HashMap<>();
    PartitionUtil.constantsMap(task, Partitioning.partitionType(table), (type, value) -> value)
        .forEach((id, value) -> constants.put(id, promoted(types.apply(id), value)));
    constants.put(MetadataColumns.IS_DELETED.fieldId(), false);
    int updated = MetadataColumns.LAST_UPDATED_SEQUENCE_NUMBER.fieldId();
    if (task.file().firstRowId() == null) {
      // Rows without ids have no lineage.
      constants.remove(updated);
    } else {
      // Inherited from the data sequence number by the spec; 1.11.0 takes the file's. A file that
      // is
      // not committed yet has none, and what it is read for has it stored.
      Long sequence = task.file().dataSequenceNumber();
      constants.put(updated, sequence == null ? Long.valueOf(0) : sequence);
    }
    return constants;
  }

  /** A partition value keeps the type of its time; the read type may be wider, or older. */
  static @Nullable Object promoted(@Nullable Type type, @Nullable Object value) {
    if (type == null || !(value instanceof Number number)) {
      return value;
    }
    return switch (type.typeId()) {
      case INTEGER -> number.intValue();
      case LONG -> number.longValue();
      case FLOAT -> number.floatValue();
      case DOUBLE -> number.doubleValue();
      default -> value;
    };
  }
}
