package dev.firn.scan;

import dev.firn.error.FirnException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Schema;
import org.apache.iceberg.SortField;
import org.apache.iceberg.SortOrder;
import org.apache.iceberg.Table;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.types.Types.NestedField;
import org.jspecify.annotations.Nullable;

/** Which files can be merged into a sort order. Stateless. */
final class SortedFiles {
  private SortedFiles() {}

  /**
   * The rows' schema, and behind it what else the table's order looks at.
   *
   * @throws FirnException (invalid) where the table has no order, or it looks at what is not there
   */
  static Schema withKeys(Table table, Schema schema, Schema output) {
    SortOrder order = table.sortOrder();
    if (order.isUnsorted()) {
      throw refused(table, "it has no sort order, set one and compact it");
    }
    List<NestedField> keys = new ArrayList<>();
    for (SortField field : order.fields()) {
      NestedField column = schema.asStruct().field(field.sourceId());
      if (column == null) {
        throw refused(
            table,
            "its order is by field %d, which is no top-level column of the schema that is read"
                .formatted(field.sourceId()));
      }
      keys.add(column);
    }
    return new Schema(ReadSchema.merge(output.columns(), keys));
  }

  /**
   * The files to merge.
   *
   * @throws FirnException (invalid) where one is not sorted, or they are too many
   */
  static List<FileScanTask> check(
      Table table, SortOrder order, Supplier<CloseableIterable<FileScanTask>> planning) {
    List<FileScanTask> tasks = new ArrayList<>();
    try (CloseableIterable<FileScanTask> plan = planning.get()) {
      for (FileScanTask task : plan) {
        if (!isSorted(table, order, task.file().sortOrderId())) {
          throw refused(
              table,
              "file %s has sort order %s, expected %d (%s) or one that begins with it; compact the table"
                  .formatted(
                      task.file().location(), task.file().sortOrderId(), order.orderId(), order));
        }
        tasks.add(task);
        if (tasks.size() > SortedBatches.MOST_FILES) {
          throw refused(
              table,
              "more than %d files would have to be open at once; compact the table, or filter"
                  .formatted(SortedBatches.MOST_FILES));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return tasks;
  }

  private static boolean isSorted(Table table, SortOrder order, @Nullable Integer id) {
    SortOrder has = id == null ? null : table.sortOrders().get(id);
    return has != null
        && has.fields().size() >= order.fields().size()
        && has.fields().subList(0, order.fields().size()).equals(order.fields());
  }

  private static FirnException refused(Table table, String reason) {
    return FirnException.invalid(
        "Cannot read in sort order: %s, or read without the order [table %s]"
            .formatted(reason, table.name()));
  }
}
