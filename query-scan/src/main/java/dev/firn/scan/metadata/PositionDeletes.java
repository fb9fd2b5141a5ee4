package dev.firn.scan.metadata;

import dev.firn.scan.PositionDeleteRows;
import dev.firn.scan.StructScan;
import dev.firn.storage.DirectExecutor;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.apache.iceberg.BatchScan;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.MetadataColumns;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Partitioning;
import org.apache.iceberg.PositionDeletesScanTask;
import org.apache.iceberg.Schema;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.types.Types.NestedField;
import org.apache.iceberg.util.PartitionUtil;
import org.jspecify.annotations.Nullable;

/** The rows of {@link MetadataTable#POSITION_DELETES}: the rows of each delete file. Immutable. */
final class PositionDeletes implements StructScan.Source {
  private final Table data;
  private final Table metadata;
  private final OptionalLong snapshot;
  private final PositionDeleteRows deletes;

  PositionDeletes(Table data, Table metadata, OptionalLong snapshot) {
    this.data = data;
    this.metadata = metadata;
    this.snapshot = snapshot;
    this.deletes = new PositionDeleteRows(data);
  }

  @Override
  public CloseableIterable<StructScan.Part> open(Schema columns, Expression pruning) {
    BatchScan scan = metadata.newBatchScan().planWith(DirectExecutor.INSTANCE).filter(pruning);
    if (snapshot.isPresent()) {
      scan = scan.useSnapshot(snapshot.getAsLong());
    }
    return CloseableIterable.transform(
        scan.planFiles(),
        task -> {
          DeleteFile file = ((PositionDeletesScanTask) task).file();
          return new StructScan.Part(file.location(), () -> rows(file, columns));
        });
  }

  private CloseableIterable<StructLike> rows(DeleteFile file, Schema columns) {
    List<NestedField> row =
        columns.columns().stream()
            .filter(column -> column.fieldId() == MetadataColumns.DELETE_FILE_ROW_FIELD_ID)
            .toList();
    List<@Nullable Object> constants =
        columns.columns().stream().map(column -> constant(file, column)).toList();
    return CloseableIterable.transform(
        deletes.open(file, row), delete -> complete(columns, constants, delete));
  }

  /** What is the same for all rows of a file; null where it is not. */
  private @Nullable Object constant(DeleteFile file, NestedField column) {
    return switch (column.fieldId()) {
      case MetadataColumns.PARTITION_COLUMN_ID -> partition(file);
      case MetadataColumns.SPEC_ID_COLUMN_ID -> file.specId();
      case MetadataColumns.FILE_PATH_COLUMN_ID -> file.location();
      case MetadataColumns.CONTENT_OFFSET_COLUMN_ID -> file.contentOffset();
      case MetadataColumns.CONTENT_SIZE_IN_BYTES_COLUMN_ID -> file.contentSizeInBytes();
      default -> null;
    };
  }

  private @Nullable StructLike partition(DeleteFile file) {
    PartitionSpec spec = data.specs().get(file.specId());
    return spec == null
        ? null
        : PartitionUtil.coercePartition(Partitioning.partitionType(data), spec, file.partition());
  }

  private static StructLike complete(
      Schema columns, List<@Nullable Object> constants, Record delete) {
    List<@Nullable Object> values = new ArrayList<>(constants);
    for (int i = 0; i < values.size(); i++) {
      int id = columns.columns().get(i).fieldId();
      if (id == MetadataColumns.DELETE_FILE_PATH.fieldId()) {
        values.set(i, delete.get(0));
      } else if (id == MetadataColumns.DELETE_FILE_POS.fieldId()) {
        values.set(i, delete.get(1));
      } else if (id == MetadataColumns.DELETE_FILE_ROW_FIELD_ID) {
        values.set(i, delete.get(2));
      }
    }
    return new Row(values);
  }

  /** Values by position. */
  private record Row(List<@Nullable Object> values) implements StructLike {
    @Override
    public int size() {
      return values.size();
    }

    // Null is a value here, which StructLike does not say.
    @Override
    @SuppressWarnings("NullAway")
    public <T> T get(int position, Class<T> type) {
      return type.cast(values.get(position));
    }

    @Override
    public <T> void set(int position, T value) {
      throw new UnsupportedOperationException("a deleted row is read only");
    }
  }
}
