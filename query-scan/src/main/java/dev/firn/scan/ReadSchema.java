package dev.firn.scan;

import dev.firn.error.FirnException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileContent;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.MetadataColumns;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.types.TypeUtil;
import org.apache.iceberg.types.Types.NestedField;
import org.apache.iceberg.types.Types.StructType;

/**
 * What to read from the file of one task: the projection's columns first, then whatever else its
 * filter and its deletes look at, wherever in the table's history or in a nested field that is.
 */
final class ReadSchema {
  /** These come out of the readers; every other metadata column is a constant of its file. */
  private static final Set<Integer> READ_METADATA =
      Set.of(
          MetadataColumns.ROW_POSITION.fieldId(),
          MetadataColumns.ROW_ID.fieldId(),
          MetadataColumns.LAST_UPDATED_SEQUENCE_NUMBER.fieldId());

  private final Table table;
  private final Schema scanSchema;
  private final Schema wanted;
  private final Schema filtered;
  private final Set<NestedField> constants = new LinkedHashSet<>();

  ReadSchema(Table table, Schema scanSchema, Schema projection, ScanFilter filter) {
    this.table = table;
    this.scanSchema = scanSchema;
    Set<Integer> filterIds = new LinkedHashSet<>();
    Set<NestedField> metadata = new LinkedHashSet<>();
    Set<NestedField> filteredMetadata = new LinkedHashSet<>();
    List<NestedField> columns = new ArrayList<>();
    for (NestedField column : projection.columns()) {
      if (MetadataColumns.isMetadataColumn(column.fieldId())) {
        metadata.add(column);
      } else {
        columns.add(column);
      }
    }
    for (NestedField field : filter.fields()) {
      if (MetadataColumns.isMetadataColumn(field.fieldId())) {
        filteredMetadata.add(field);
      } else {
        filterIds.add(field.fieldId());
      }
    }
    metadata.addAll(filteredMetadata);
    this.filtered = new Columns(table, scanSchema).with(filteredMetadata);
    List<NestedField> all = merge(columns, TypeUtil.select(scanSchema, filterIds).columns());
    for (NestedField column : metadata) {
      if (READ_METADATA.contains(column.fieldId())) {
        all.add(column);
      } else {
        constants.add(column);
      }
    }
    this.wanted = new Schema(all);
  }

  /** Returns the table's columns, and of the metadata columns those that the filter is on. */
  Schema filtered() {
    return filtered;
  }

  /** Returns the metadata columns asked for that are constants of each file. */
  Set<NestedField> constants() {
    return constants;
  }

  /**
   * Returns the columns that the task's equality deletes name, in whatever schema has them; none:
   * empty.
   */
  Schema keys(FileScanTask task) {
    List<NestedField> columns = List.of();
    for (int id : keyIds(task)) {
      columns = merge(columns, TypeUtil.select(holderOf(id, task), Set.of(id)).columns());
    }
    return new Schema(columns);
  }

  private static Set<Integer> keyIds(FileScanTask task) {
    Set<Integer> ids = new LinkedHashSet<>();
    for (DeleteFile delete : task.deletes()) {
      if (delete.content() == FileContent.EQUALITY_DELETES) {
        ids.addAll(delete.equalityFieldIds());
      }
    }
    return ids;
  }

  /** Returns what rows to read for the task. */
  Schema of(FileScanTask task) {
    if (task.deletes().isEmpty()) {
      return wanted;
    }
    List<NestedField> columns = merge(wanted.columns(), keys(task).columns());
    if (wanted.findField(MetadataColumns.ROW_POSITION.fieldId()) == null) {
      columns = new ArrayList<>(columns);
      columns.add(MetadataColumns.ROW_POSITION);
    }
    return new Schema(columns);
  }

  /** Equality deletes outlive the columns that they name: else the newest schema that has it. */
  private Schema holderOf(int id, FileScanTask task) {
    if (scanSchema.findField(id) != null) {
      return scanSchema;
    }
    return table.schemas().values().stream()
        .filter(schema -> schema.findField(id) != null)
        .max(Comparator.comparingInt(Schema::schemaId))
        .orElseThrow(
            () ->
                FirnException.corrupt(
                    "Cannot apply an equality delete: no schema of the table has the field with id "
                        + id
                        + " ["
                        + task.file().location()
                        + " of table "
                        + table.name()
                        + "]",
                    null));
  }

  /** The base's fields where they stand, then the extra's fields that it lacks; by field id. */
  static List<NestedField> merge(List<NestedField> base, List<NestedField> extra) {
    Map<Integer, NestedField> merged = new LinkedHashMap<>();
    base.forEach(field -> merged.put(field.fieldId(), field));
    for (NestedField field : extra) {
      NestedField present = merged.get(field.fieldId());
      if (present == null) {
        merged.put(field.fieldId(), unambiguous(field, merged));
      } else if (present.type().isStructType() && field.type().isStructType()) {
        merged.put(field.fieldId(), mergeStructs(present, field));
      }
    }
    return new ArrayList<>(merged.values());
  }

  private static NestedField mergeStructs(NestedField base, NestedField extra) {
    List<NestedField> fields =
        merge(base.type().asStructType().fields(), extra.type().asStructType().fields());
    return NestedField.from(base).ofType(StructType.of(fields)).build();
  }

  /** A dropped column may share its name with a living one; readers go by id. */
  private static NestedField unambiguous(NestedField field, Map<Integer, NestedField> others) {
    String name = field.name();
    while (hasName(others, name)) {
      name = name + "_" + field.fieldId();
    }
    return name.equals(field.name()) ? field : NestedField.from(field).withName(name).build();
  }

  private static boolean hasName(Map<Integer, NestedField> fields, String name) {
    return fields.values().stream().anyMatch(field -> field.name().equals(name));
  }
}
