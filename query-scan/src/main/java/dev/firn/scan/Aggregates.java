package dev.firn.scan;

import dev.firn.error.FirnException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.iceberg.Accessor;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileContent;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Schema;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.Table;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.TypeUtil;
import org.apache.iceberg.types.Types.NestedField;
import org.jspecify.annotations.Nullable;

/**
 * Counts, minima and maxima of planned tasks: of files whose metadata tell them exactly from there,
 * of the others by reading them. Confined to one thread.
 */
final class Aggregates {
  /** Opens the rows of what is planned. */
  interface Reading extends Function<Supplier<CloseableIterable<FileScanTask>>, BatchCursor> {}

  private static final long DELETE_CACHE_BYTES = 16L << 20;

  private final Table table;
  private final Supplier<CloseableIterable<FileScanTask>> planning;
  private final Coverage coverage;
  private final Reading reading;
  private final DeleteFiles deleteFiles;
  private long rows;

  /** {@code planning} plans with column statistics, in {@code planned}. */
  Aggregates(
      Table table,
      Schema planned,
      ScanFilter filter,
      Supplier<CloseableIterable<FileScanTask>> planning,
      Reading reading) {
    this.table = table;
    this.planning = planning;
    this.coverage = new Coverage(table, planned, filter);
    this.reading = reading;
    this.deleteFiles = new DeleteFiles(table, DELETE_CACHE_BYTES);
  }

  long count() {
    try (BatchCursor batches = rest(this::countsExactly)) {
      while (batches.next()) {
        rows += batches.root().getRowCount();
      }
    }
    return rows;
  }

  private boolean countsExactly(FileScanTask task) {
    if (!coverage.test(task.file())) {
      return false;
    }
    List<DeleteFile> deletes = task.deletes();
    if (deletes.stream().anyMatch(delete -> delete.content() != FileContent.POSITION_DELETES)) {
      return false;
    }
    rows += task.file().recordCount() - marked(task, deletes);
    return true;
  }

  private long marked(FileScanTask task, List<DeleteFile> deletes) {
    if (deletes.isEmpty()) {
      return 0;
    }
    return deletes.size() == 1 && deletes.get(0).format() == FileFormat.PUFFIN
        ? deletes.get(0).recordCount()
        : deleteFiles.loadPositionDeletes(deletes, task.file().location()).cardinality();
  }

  /** {@code projection} holds the column at least, in the type that it is read in. */
  Optional<Object> extreme(Schema projection, NestedField column, Extreme which) {
    ExtremeValue extreme = new ExtremeValue(column, which);
    Accessor<StructLike> accessor = projection.accessorForField(column.fieldId());
    try (BatchCursor batches = rest(task -> tellsExactly(task, column, extreme))) {
      while (batches.next()) {
        VectorSchemaRoot batch = batches.root();
        VectorStruct row = VectorStruct.of(projection.asStruct(), batch.getFieldVectors());
        for (int i = 0; i < batch.getRowCount(); i++) {
          extreme.add(accessor.get(row.at(i)));
        }
      }
    }
    return extreme.value();
  }

  private boolean tellsExactly(FileScanTask task, NestedField column, ExtremeValue extreme) {
    if (extreme.isBeyond(task.file())) {
      return true;
    }
    Map<Integer, @Nullable Object> constants =
        InternalConstants.of(table, task, id -> id == column.fieldId() ? column.type() : null);
    return task.deletes().isEmpty()
        && task.file().recordCount() > 0
        && coverage.test(task.file())
        && extreme.addExactly(task.file(), constants);
  }

  /** Opens the rows of the tasks that {@code exact} is not true of. */
  private BatchCursor rest(Predicate<FileScanTask> exact) {
    return reading.apply(() -> CloseableIterable.filter(planning.get(), exact.negate()));
  }

  /**
   * The column, if it has an order and one value per row.
   *
   * @throws FirnException (invalid) otherwise
   */
  static NestedField comparable(Table table, Schema projection, NestedField column) {
    Type.TypeID type = column.type().typeId();
    boolean ordered =
        column.type().isPrimitiveType()
            && type != Type.TypeID.GEOMETRY
            && type != Type.TypeID.GEOGRAPHY
            && type != Type.TypeID.UNKNOWN;
    boolean repeated =
        TypeUtil.ancestorFields(projection, column.fieldId()).stream()
            .anyMatch(ancestor -> !ancestor.type().isStructType());
    if (!ordered || repeated) {
      throw FirnException.invalid(
          "Cannot find the lowest or highest value of column '%s': expected a column of ordered values outside lists and maps, got %s [table %s]"
              .formatted(column.name(), column.type(), table.name()));
    }
    return column;
  }
}
