package dev.firn.it.upkeep;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.LakeTable;
import dev.firn.Lakehouse;
import dev.firn.it.upkeep.UpkeepScript.Row;
import dev.firn.testing.TableFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.apache.iceberg.MetadataColumns;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableUtil;
import org.apache.iceberg.data.IcebergGenerics;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.types.Types;

/** The table of the script, and what it must hold. Confined to one thread. */
final class UpkeptTable {
  static final Schema SCHEMA =
      new Schema(
          Types.NestedField.required(1, "id", Types.LongType.get()),
          Types.NestedField.required(2, "owner", Types.IntegerType.get()),
          Types.NestedField.optional(3, "note", Types.StringType.get()));

  private final long seed;

  /** By row and the step that it was born in. */
  private final Map<String, Long> rowIds = new HashMap<>();

  UpkeptTable(long seed) {
    this.seed = seed;
  }

  static void create(Lakehouse lake, int version, boolean sorted) {
    lake.createTable(
        UpkeepScript.TABLE,
        SCHEMA,
        t -> {
          t.formatVersion(version).key("id");
          if (sorted) {
            t.sortBy("note", "id");
          }
        });
  }

  /**
   * Checks the table against {@code sure} steps of each writer, of which each may have done one
   * more, and notes how many it did.
   */
  void check(Lakehouse lake, int[] sure, boolean local) throws IOException {
    LakeTable table = lake.table(UpkeepScript.TABLE);
    Table at = table.iceberg();
    Map<Integer, NavigableMap<Long, String>> found = new HashMap<>();
    Map<Long, Long> ids = new HashMap<>();
    read(at, found, ids);
    Map<Integer, NavigableMap<Long, String>> ours = new HashMap<>();
    for (Record row : table.scan().toList()) {
      add(ours, row);
    }
    assertThat(ours).as("rows as Firn and as Iceberg read them").isEqualTo(found);
    for (int writer = 0; writer < sure.length; writer++) {
      NavigableMap<Long, String> has = found.getOrDefault(writer, new TreeMap<>());
      NavigableMap<Long, Row> rows = UpkeepScript.rows(seed, writer, sure[writer]);
      if (!has.equals(notes(rows))) {
        sure[writer]++;
        rows = UpkeepScript.rows(seed, writer, sure[writer]);
      }
      assertThat(has).as("rows of writer %s, step %s", writer, sure[writer]).isEqualTo(notes(rows));
      checkRowIds(rows, ids);
    }
    if (local) {
      for (Path file : TableFiles.needed(table.iceberg())) {
        assertThat(file).exists();
      }
    }
  }

  private static void read(
      Table at, Map<Integer, NavigableMap<Long, String>> found, Map<Long, Long> ids)
      throws IOException {
    boolean lineage = TableUtil.supportsRowLineage(at);
    Schema columns =
        lineage
            ? new Schema(
                SCHEMA.columns().get(0),
                SCHEMA.columns().get(1),
                SCHEMA.columns().get(2),
                MetadataColumns.ROW_ID)
            : SCHEMA;
    try (CloseableIterable<Record> rows = IcebergGenerics.read(at).project(columns).build()) {
      for (Record row : rows) {
        add(found, row);
        if (lineage) {
          ids.put((Long) row.get(0), (Long) row.get(3));
        }
      }
    }
  }

  private static void add(Map<Integer, NavigableMap<Long, String>> rows, Record row) {
    String before =
        rows.computeIfAbsent((Integer) row.get(1), owner -> new TreeMap<>())
            .put((Long) row.get(0), (String) row.get(2));
    assertThat(before).as("row %s came twice", row.get(0)).isNull();
  }

  private static NavigableMap<Long, String> notes(NavigableMap<Long, Row> rows) {
    NavigableMap<Long, String> notes = new TreeMap<>();
    rows.forEach((id, row) -> notes.put(id, row.note()));
    return notes;
  }

  /** Row ids stay from a row's birth on. */
  private void checkRowIds(NavigableMap<Long, Row> rows, Map<Long, Long> ids) {
    if (ids.isEmpty()) {
      return;
    }
    rows.forEach(
        (id, row) -> {
          Long now = ids.get(id);
          Long before = rowIds.putIfAbsent(id + " of step " + row.born(), now);
          assertThat(now).as("_row_id of row %s", id).isNotNull();
          if (before != null) {
            assertThat(now)
                .as("_row_id of row %s, born in step %s", id, row.born())
                .isEqualTo(before);
          }
        });
  }
}
