package dev.firn.catalog.commit;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import java.util.Map;
import org.apache.iceberg.Schema;
import org.apache.iceberg.UpdateSchema;
import org.apache.iceberg.types.TypeUtil;

/** Gives a table the columns that files were written with. Stateless. */
final class SchemaGrowth {
  private SchemaGrowth() {}

  /**
   * Commits {@code update}, by which the table gets what it lacks of {@code files}. Columns get
   * their ids only here: where another change came first, they may be others than the files have,
   * which readers would take for other columns.
   *
   * @throws FirnException CONFLICT where an id is not what the files have
   */
  static void commit(String table, UpdateSchema update, Schema files) {
    Schema grown = update.unionByNameWith(files).apply();
    for (Map.Entry<Integer, String> column : TypeUtil.indexNameById(files.asStruct()).entrySet()) {
      if (!column.getValue().equals(grown.findColumnName(column.getKey()))) {
        throw new FirnException(
            ErrorKind.CONFLICT,
            "Cannot commit to %s: its columns changed since the files were written, expected %s with id %d, got %s; write them again"
                .formatted(
                    table, column.getValue(), column.getKey(), grown.findField(column.getValue())));
      }
    }
    update.commit();
  }
}
