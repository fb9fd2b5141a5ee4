package dev.firn.keyindex;

import dev.firn.scan.BatchCursor;
import dev.firn.scan.FileTaskReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.MetadataColumns;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.types.Types.NestedField;

/**
 * Reads the keys of single rows of data files by position, and compares them with the keys looked
 * for. Stateless but for what it borrows.
 */
final class RowReads {
  /** Hears of rows that have a key. */
  interface Match {
    void match(int key, long position);
  }

  private final Table table;
  private final Schema columns;
  private final KeyColumns found;
  private final BufferAllocator allocator;

  RowReads(Table table, Schema key, KeyColumns found, BufferAllocator allocator) {
    this.table = table;
    List<NestedField> fields = new ArrayList<>(key.columns());
    fields.add(MetadataColumns.ROW_POSITION);
    this.columns = new Schema(fields);
    this.found = found;
    this.allocator = allocator;
  }

  /**
   * Tells of those of the candidates, positions that ascend with numbers of keys, whose row is left
   * by the task's deletes and has the key.
   */
  void compare(FileScanTask task, Pairs candidates, KeyColumns keys, Match matches) {
    Set<Long> positions = new TreeSet<>();
    for (int i = 0; i < candidates.size; i++) {
      positions.add(candidates.hashes[i]);
    }
    Expression filter = Expressions.in(MetadataColumns.ROW_POSITION.name(), positions);
    FileTaskReader reader = new FileTaskReader(table, columns, filter);
    int at = 0;
    try (BatchCursor rows = reader.openArrow(task, allocator)) {
      while (rows.next()) {
        at = compare(rows.root(), candidates, at, keys, matches);
      }
    }
  }

  /** Compares the rows of a batch with candidates from {@code from} on; returns the next one. */
  private int compare(
      VectorSchemaRoot batch, Pairs candidates, int from, KeyColumns keys, Match matches) {
    found.load(batch.getFieldVectors());
    BigIntVector places = (BigIntVector) batch.getVector(columns.columns().size() - 1);
    int at = from;
    for (int row = 0; row < batch.getRowCount(); row++) {
      long position = places.get(row);
      while (at < candidates.size && candidates.hashes[at] < position) {
        at++;
      }
      for (; at < candidates.size && candidates.hashes[at] == position; at++) {
        int key = (int) candidates.rows[at];
        if (found.same(row, keys, key)) {
          matches.match(key, position);
        }
      }
    }
    return at;
  }
}
