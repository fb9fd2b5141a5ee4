package dev.firn.change;

import dev.firn.change.Assignments.Value;
import dev.firn.format.row.WriteDefaults;
import java.util.Map;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.Types.NestedField;
import org.jspecify.annotations.Nullable;

/**
 * New values of columns, by position. Immutable.
 *
 * <p>Values are computed of the row as it was: the order of the assignments does not matter.
 *
 * @param written the columns of rows as they are written
 * @param columns how many of them are the table's; the others are of row lineage, the row's id
 *     first
 */
record BoundAssignments(Schema written, int columns, Map<Integer, Value> values) {
  BoundAssignments {
    values = Map.copyOf(values);
  }

  /** Returns the row with other values and its old id; the commit gives its sequence number. */
  Record update(Record row, @Nullable Record source) {
    Record changed = GenericRecord.create(written.asStruct());
    int kept = Math.min(columns + 1, written.columns().size());
    for (int i = 0; i < kept; i++) {
      changed.set(i, row.get(i));
    }
    values.forEach((position, value) -> changed.set(position, value.of(row, source)));
    return changed;
  }

  /** Returns a new row; columns without a value take their write default, or null. */
  Record insert(Record source) {
    Record row = GenericRecord.create(written.asStruct());
    for (int i = 0; i < columns; i++) {
      Value value = values.get(i);
      NestedField column = written.columns().get(i);
      row.set(i, value == null ? WriteDefaults.of(column) : value.of(null, source));
    }
    return row;
  }
}
