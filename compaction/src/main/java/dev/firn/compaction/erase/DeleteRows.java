package dev.firn.compaction.erase;

import dev.firn.format.write.DeleteFileReads;
import dev.firn.scan.PositionDeleteRows;
import dev.firn.scan.RebuildingVisitor;
import dev.firn.scan.RowFilter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileContent;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.MetadataColumns;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.InternalRecordWrapper;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.ExpressionVisitors;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.expressions.UnboundPredicate;
import org.apache.iceberg.formats.FormatModelRegistry;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.types.TypeUtil;
import org.apache.iceberg.types.Types.NestedField;

/**
 * Finds delete files that hold values of the rows that a filter is true of. Confined to one thread.
 *
 * <p>Deletion vectors hold none. Position deletes hold some where they have the rows with them.
 * Equality deletes hold keys: one counts where the filter may be true of a row with that key, so
 * where the filter looks at no column of the key, each does. The same goes for those of a partition
 * that is named by an erased value.
 */
final class DeleteRows {
  private static final int ROW_STRUCT = 2;

  private final Table table;
  private final Expression where;
  private final ErasedValues values;

  /** Rows that were looked at, and those that may be of an erased row. */
  record Count(long rows, long matches) {}

  DeleteRows(Table table, Expression where, ErasedValues values) {
    this.table = table;
    this.where = where;
    this.values = values;
  }

  Count count(DeleteFile file) {
    if (file.format() == FileFormat.PUFFIN) {
      return new Count(file.recordCount(), 0);
    }
    PartitionSpec spec = table.specs().get(file.specId());
    if (values.isAlone() && spec != null && values.tells(spec.partitionType(), file.partition())) {
      return new Count(file.recordCount(), file.recordCount());
    }
    return file.content() == FileContent.EQUALITY_DELETES ? keys(file) : payloads(file);
  }

  private Count payloads(DeleteFile file) {
    NestedField row =
        NestedField.optional(
            MetadataColumns.DELETE_FILE_ROW_FIELD_ID,
            MetadataColumns.DELETE_FILE_ROW_FIELD_NAME,
            table.schema().asStruct());
    RowFilter filter = RowFilter.bind(table.schema().asStruct(), where);
    InternalRecordWrapper internal = new InternalRecordWrapper(table.schema().asStruct());
    long rows = 0;
    long matches = 0;
    try (CloseableIterable<Record> deletes =
        new PositionDeleteRows(table).open(file, List.of(row))) {
      for (Record delete : deletes) {
        rows++;
        StructLike payload = delete.get(ROW_STRUCT, StructLike.class);
        if (payload != null && filter.matches(internal.wrap(payload))) {
          matches++;
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new Count(rows, matches);
  }

  private Count keys(DeleteFile file) {
    Set<Integer> ids =
        file.equalityFieldIds() == null ? Set.of() : new HashSet<>(file.equalityFieldIds());
    Schema key = TypeUtil.select(table.schema(), ids);
    Expression onKey = onKey(key);
    if (onKey.op() == Expression.Operation.TRUE) {
      return new Count(file.recordCount(), file.recordCount());
    }
    RowFilter filter = RowFilter.bind(key.asStruct(), onKey);
    InternalRecordWrapper internal = new InternalRecordWrapper(key.asStruct());
    long rows = 0;
    long matches = 0;
    try (CloseableIterable<Record> deletes =
        FormatModelRegistry.<Record, Object>readBuilder(
                file.format(), Record.class, DeleteFileReads.open(table.io(), file))
            .project(key)
            .build()) {
      for (Record delete : deletes) {
        rows++;
        if (filter.matches(internal.wrap(delete))) {
          matches++;
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new Count(rows, matches);
  }

  /** The filter, true wherever it looks at a column that the key does not have. */
  private Expression onKey(Schema key) {
    return ExpressionVisitors.visit(
        Expressions.rewriteNot(where),
        new RebuildingVisitor() {
          @Override
          public <T> Expression predicate(UnboundPredicate<T> predicate) {
            return key.findField(predicate.ref().name()) == null
                ? Expressions.alwaysTrue()
                : predicate;
          }
        });
  }
}
