package dev.firn.scan.change;

import dev.firn.error.FirnException;
import dev.firn.format.arrow.ArrowSchemas;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.iceberg.ChangelogOperation;
import org.apache.iceberg.MetadataColumns;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Types.NestedField;

/** The columns that say what happened to a row, behind the row's own. Stateless. */
final class ChangeColumns {
  private static final List<NestedField> FIELDS =
      List.of(
          MetadataColumns.CHANGE_TYPE,
          MetadataColumns.CHANGE_ORDINAL,
          MetadataColumns.COMMIT_SNAPSHOT_ID);
  private static final org.apache.arrow.vector.types.pojo.Schema ARROW =
      ArrowSchemas.toArrow(new Schema(FIELDS));

  private ChangeColumns() {}

  /** Whether a name is one of these columns'. */
  static boolean isOne(String name) {
    return FIELDS.stream().anyMatch(field -> field.name().equals(name));
  }

  /** The rows' columns, then these. */
  static Schema behind(Schema rows, String table) {
    List<NestedField> all = new ArrayList<>(rows.columns());
    for (NestedField field : FIELDS) {
      if (rows.findField(field.name()) != null) {
        throw FirnException.invalid(
            "Cannot read changes: the table has a column '%s', which is the name of a column of changes; select the others [table %s]"
                .formatted(field.name(), table));
      }
      all.add(field);
    }
    return new Schema(all);
  }

  /** Makes the vectors for {@code rows} rows; the caller closes them. */
  static List<FieldVector> vectors(
      ChangeStep step, int rows, IntFunction<ChangelogOperation> types, BufferAllocator allocator) {
    VectorSchemaRoot made = VectorSchemaRoot.create(ARROW, allocator);
    boolean done = false;
    try {
      VarCharVector type = (VarCharVector) made.getVector(0);
      IntVector ordinal = (IntVector) made.getVector(1);
      BigIntVector snapshot = (BigIntVector) made.getVector(2);
      type.allocateNew(16L * rows, rows);
      ordinal.allocateNew(rows);
      snapshot.allocateNew(rows);
      for (int row = 0; row < rows; row++) {
        type.setSafe(row, types.apply(row).name().getBytes(StandardCharsets.UTF_8));
        ordinal.set(row, step.ordinal());
        snapshot.set(row, step.after().snapshotId());
      }
      made.setRowCount(rows);
      done = true;
      return made.getFieldVectors();
    } finally {
      if (!done) {
        made.close();
      }
    }
  }
}
