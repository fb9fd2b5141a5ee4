package dev.firn.change;

import dev.firn.error.FirnException;
import dev.firn.error.NearMatch;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.Types.NestedField;
import org.jspecify.annotations.Nullable;

/** New values of columns, by name. A builder, confined to one thread. */
final class Assignments {
  /** Computes a value; a row that is not there is null. */
  interface Value {
    @Nullable Object of(@Nullable Record target, @Nullable Record source);
  }

  private final Map<String, Value> values = new LinkedHashMap<>();
  private final List<String> sourceColumns = new ArrayList<>();

  void set(String column, Value value) {
    if (values.put(column, value) != null) {
      throw FirnException.invalid(
          "Cannot set column %s: it is set twice, expected one value".formatted(column));
    }
  }

  /** Sets a column to that of the source. */
  void setFrom(String column, String sourceColumn) {
    sourceColumns.add(sourceColumn);
    set(column, (row, source) -> source == null ? null : source.getField(sourceColumn));
  }

  /** Refuses columns that the source has not. */
  void check(String table, Schema source) {
    for (String name : sourceColumns) {
      if (source.asStruct().field(name) == null) {
        throw FirnException.invalid(
            "Cannot merge into %s: the source has no column '%s'%s"
                .formatted(
                    table,
                    name,
                    NearMatch.hint(
                        name, source.columns().stream().map(NestedField::name).toList())));
      }
    }
  }

  boolean isEmpty() {
    return values.isEmpty();
  }

  /**
   * Finds the columns in a table.
   *
   * @param written the table's columns, perhaps with those of row lineage after them
   */
  BoundAssignments bind(String table, Schema columns, Schema written) {
    Map<Integer, Value> bound = new LinkedHashMap<>();
    values.forEach((name, value) -> bound.put(position(table, columns, name), value));
    return new BoundAssignments(written, columns.columns().size(), bound);
  }

  static int position(String table, Schema columns, String name) {
    NestedField column = columns.asStruct().field(name);
    if (column == null) {
      throw FirnException.invalid(
          "Cannot set a column of %s: it has no top-level column '%s'%s"
              .formatted(
                  table,
                  name,
                  NearMatch.hint(
                      name, columns.columns().stream().map(NestedField::name).toList())));
    }
    return columns.columns().indexOf(column);
  }
}
