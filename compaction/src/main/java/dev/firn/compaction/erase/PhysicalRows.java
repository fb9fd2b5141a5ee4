package dev.firn.compaction.erase;

import dev.firn.error.FirnException;
import dev.firn.format.parquet.filter.BatchFilter;
import dev.firn.format.parquet.filter.RowBits;
import dev.firn.scan.BatchCursor;
import dev.firn.scan.FileTaskReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.iceberg.BaseFileScanTask;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.MetadataColumns;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.PartitionSpecParser;
import org.apache.iceberg.Schema;
import org.apache.iceberg.SchemaParser;
import org.apache.iceberg.Table;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.expressions.ResidualEvaluator;
import org.apache.iceberg.types.Types.NestedField;

/**
 * Counts the rows of data files that a filter is true of, as they lie in the files: deleted ones
 * too. Nothing is left out by statistics, so that it is not them that are believed. Confined to one
 * thread.
 */
final class PhysicalRows {
  private static final DeleteFile[] NO_DELETES = new DeleteFile[0];

  private final Table table;
  private final BufferAllocator allocator;
  private final Schema columns;
  private final BatchFilter filter;
  private final FileTaskReader reader;

  /**
   * What was counted.
   *
   * @param tellable false where a column of the filter has no value in any row, so that the file
   *     may as well lack it
   */
  record Count(long rows, long matches, boolean tellable) {}

  PhysicalRows(Table table, Expression where, BufferAllocator allocator) {
    this.table = table;
    this.allocator = allocator;
    // Checks names and literals, with a better message than the binder's.
    var unused = new FileTaskReader(table, table.schema(), where);
    this.columns = columns(table, where);
    this.filter = BatchFilter.bind(columns, where);
    this.reader = new FileTaskReader(table, columns, Expressions.alwaysTrue());
  }

  private static Schema columns(Table table, Expression where) {
    Set<Integer> ids;
    try {
      ids = BatchFilter.topLevelColumns(table.schema(), where);
    } catch (RuntimeException e) {
      throw FirnException.invalid(
          "Cannot erase from %s: %s, expected a filter on the table's own columns"
              .formatted(table.name(), e.getMessage()));
    }
    List<NestedField> fields = new ArrayList<>();
    for (NestedField field : table.schema().columns()) {
      if (ids.contains(field.fieldId())) {
        fields.add(field);
      }
    }
    fields.add(MetadataColumns.ROW_POSITION);
    return new Schema(fields);
  }

  Count count(DataFile file) {
    PartitionSpec spec = table.specs().getOrDefault(file.specId(), PartitionSpec.unpartitioned());
    return count(file, spec);
  }

  /** Counts in a file of which no manifest knows. */
  Count count(DataFile file, PartitionSpec spec) {
    FileScanTask task =
        new BaseFileScanTask(
            file,
            NO_DELETES,
            SchemaParser.toJson(table.schema()),
            PartitionSpecParser.toJson(spec),
            ResidualEvaluator.unpartitioned(Expressions.alwaysTrue()));
    long rows = 0;
    long matches = 0;
    boolean[] valued = new boolean[columns.columns().size()];
    RowBits bits = new RowBits();
    try (BatchCursor batches = reader.openArrow(task, allocator)) {
      while (batches.next()) {
        VectorSchemaRoot batch = batches.root();
        rows += batch.getRowCount();
        bits.startFull(batch.getRowCount());
        filter.test(batch, bits);
        matches += bits.count();
        note(batch, valued);
      }
    }
    boolean all = true;
    for (boolean each : valued) {
      all &= each;
    }
    return new Count(rows, matches, all || rows == 0);
  }

  private static void note(VectorSchemaRoot batch, boolean[] valued) {
    for (int i = 0; i < valued.length; i++) {
      FieldVector vector = batch.getVector(i);
      valued[i] |= vector.getNullCount() < batch.getRowCount();
    }
  }
}
