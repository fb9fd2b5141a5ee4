package dev.firn.scan;

import dev.firn.error.FirnException;
import dev.firn.error.NearMatch;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.iceberg.MetadataColumns;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.types.TypeUtil;
import org.apache.iceberg.types.Types.NestedField;
import org.jspecify.annotations.Nullable;

/** Names of columns, resolved against one schema of one table. Immutable. */
final class Columns {
  private final Table table;
  private final Schema schema;

  Columns(Table table, Schema schema) {
    this.table = table;
    this.schema = schema;
  }

  /**
   * The columns named, in the order of their first mention; a nested path selects that part of its
   * top-level column. Null selects every column.
   */
  Schema select(@Nullable List<String> names) {
    if (names == null) {
      return schema;
    }
    Map<Integer, Set<Integer>> idsByColumn = new LinkedHashMap<>();
    Map<Integer, NestedField> columns = new LinkedHashMap<>();
    for (String name : names) {
      NestedField field = resolve("select", name);
      NestedField column = columnOf(field);
      columns.put(column.fieldId(), column);
      idsByColumn
          .computeIfAbsent(column.fieldId(), id -> new LinkedHashSet<>())
          .add(field.fieldId());
    }
    List<NestedField> selected = new ArrayList<>();
    columns.forEach(
        (id, column) -> selected.add(prune(column, idsByColumn.getOrDefault(id, Set.of()))));
    return new Schema(selected);
  }

  /** The field of that name, in the table or among the metadata columns. */
  NestedField resolve(String verb, String name) {
    NestedField column = schema.asStruct().field(name);
    if (column != null) {
      return column;
    }
    NestedField nested = schema.findField(name);
    if (nested != null) {
      return nested;
    }
    if (MetadataColumns.isMetadataColumn(name)) {
      return MetadataColumns.metadataColumn(table, name);
    }
    throw FirnException.invalid(
        "Cannot "
            + verb
            + " column '"
            + name
            + "': there is no such column"
            + NearMatch.hint(name, names())
            + " [table "
            + table.name()
            + "]");
  }

  /** The schema with the given metadata columns behind its own, those that it has not got. */
  Schema with(Collection<NestedField> metadata) {
    List<NestedField> fields = new ArrayList<>(schema.columns());
    metadata.stream().filter(f -> schema.findField(f.fieldId()) == null).forEach(fields::add);
    return fields.size() == schema.columns().size() ? schema : new Schema(fields);
  }

  private NestedField columnOf(NestedField field) {
    if (MetadataColumns.isMetadataColumn(field.fieldId())) {
      return field;
    }
    List<NestedField> ancestors = TypeUtil.ancestorFields(schema, field.fieldId());
    return ancestors.isEmpty() ? field : ancestors.get(ancestors.size() - 1);
  }

  private static NestedField prune(NestedField column, Set<Integer> ids) {
    return ids.contains(column.fieldId())
        ? column
        : TypeUtil.select(new Schema(column), ids).columns().get(0);
  }

  private Collection<String> names() {
    return new TreeSet<>(TypeUtil.indexByName(schema.asStruct()).keySet());
  }
}
