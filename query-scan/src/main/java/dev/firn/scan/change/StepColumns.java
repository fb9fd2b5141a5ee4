package dev.firn.scan.change;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.MetadataColumns;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Types.NestedField;
import org.jspecify.annotations.Nullable;

/**
 * The columns of a read of changes.
 *
 * @param table the table's columns in the schema that is read in
 * @param rows those asked for
 * @param matched what is read where rows are matched: the table's columns, then row lineage where
 *     there is some, then what else was asked for
 * @param lineage where in {@code matched} the row lineage starts; negative: there is none
 */
record StepColumns(Schema table, Schema rows, Schema matched, int lineage) {
  static StepColumns of(Schema table, Schema rows, boolean lineage) {
    Map<Integer, NestedField> matched = new LinkedHashMap<>();
    table.columns().forEach(field -> matched.put(field.fieldId(), field));
    if (lineage) {
      matched.put(MetadataColumns.ROW_ID.fieldId(), MetadataColumns.ROW_ID);
      matched.put(
          MetadataColumns.LAST_UPDATED_SEQUENCE_NUMBER.fieldId(),
          MetadataColumns.LAST_UPDATED_SEQUENCE_NUMBER);
    }
    rows.columns().forEach(field -> matched.putIfAbsent(field.fieldId(), field));
    return new StepColumns(
        table,
        rows,
        new Schema(new ArrayList<>(matched.values())),
        lineage ? table.columns().size() : -1);
  }

  /** Where the columns asked for are among those matched. */
  int[] places() {
    List<Integer> ids = matched.columns().stream().map(NestedField::fieldId).toList();
    return rows.columns().stream().mapToInt(field -> ids.indexOf(field.fieldId())).toArray();
  }

  /** The columns asked for as they are when matched: whole, where only a part was asked for. */
  Schema whole() {
    return new Schema(
        java.util.Arrays.stream(places()).mapToObj(i -> matched.columns().get(i)).toList());
  }

  /** By what rows are told by lineage; null: they have none. */
  @Nullable RowKey lineageKey() {
    return lineage < 0 ? null : new LineageKey(lineage, lineage + 1);
  }

  RowKey contentKey() {
    return new ContentKey(table, table);
  }
}
