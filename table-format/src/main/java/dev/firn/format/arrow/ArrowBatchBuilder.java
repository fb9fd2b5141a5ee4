package dev.firn.format.arrow;

import dev.firn.error.FirnException;
import dev.firn.format.row.ShownValue;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.Types.NestedField;

/**
 * A builder of Arrow batches: fills the vectors of one root with Iceberg records of one schema, in
 * {@link ArrowSchemas#toArrow}'s types. Confined to one thread. Owns the root it makes, and only
 * that.
 */
public final class ArrowBatchBuilder implements AutoCloseable {
  private final List<NestedField> columns;
  private final VectorSchemaRoot root;
  private final boolean owned;
  private final Appender[] appenders;
  private int rows;

  public ArrowBatchBuilder(Schema schema, BufferAllocator allocator) {
    this(schema, VectorSchemaRoot.create(ArrowSchemas.toArrow(schema), allocator), true);
  }

  /**
   * Fills an existing root, which stays its owner's. Its vectors are the schema's columns in order,
   * in the types of {@link ArrowSchemas#toArrow}.
   */
  public ArrowBatchBuilder(Schema schema, VectorSchemaRoot root) {
    this(schema, root, false);
  }

  private ArrowBatchBuilder(Schema schema, VectorSchemaRoot root, boolean owned) {
    this.columns = schema.columns();
    this.root = root;
    this.owned = owned;
    this.appenders = new Appender[columns.size()];
    List<FieldVector> vectors = root.getFieldVectors();
    if (vectors.size() != appenders.length) {
      throw FirnException.invalid(
          "Cannot fill a batch: its vectors are not the schema's columns, expected "
              + appenders.length
              + ", got "
              + vectors.size());
    }
    for (int i = 0; i < appenders.length; i++) {
      appenders[i] = appender(columns.get(i), vectors.get(i));
    }
  }

  private static Appender appender(NestedField column, FieldVector vector) {
    try {
      return Appenders.of(vector, column.type());
    } catch (ClassCastException e) {
      throw FirnException.invalid(
          "Cannot fill a batch: column "
              + column.name()
              + " has another vector, expected one for "
              + column.type()
              + ", got "
              + vector.getField().getType());
    }
  }

  /** Adds a row of the schema's columns in order; further columns of the record are left out. */
  public void add(Record row) {
    int column = 0;
    try {
      for (; column < appenders.length; column++) {
        appenders[column].append(rows, row.get(column));
      }
    } catch (ClassCastException e) {
      throw FirnException.invalid(
          "Cannot add a row to a batch: column "
              + columns.get(column).name()
              + " does not take this value, expected "
              + columns.get(column).type()
              + ", got "
              + ShownValue.of(row.get(column)));
    }
    rows++;
  }

  /** Rows added since the last {@link #clear()}. */
  public int rows() {
    return rows;
  }

  /** Sets the row count; valid until the next {@link #clear()} or {@link #close()}. */
  public VectorSchemaRoot finish() {
    root.setRowCount(rows);
    return root;
  }

  /** Lets go of the buffers, which others may still hold, and starts an empty batch. */
  public void clear() {
    int expected = rows;
    rows = 0;
    root.clear();
    for (FieldVector vector : root.getFieldVectors()) {
      vector.setInitialCapacity(expected);
    }
  }

  /** Releases the root that this builder made; one that was given stays as it is. */
  @Override
  public void close() {
    if (owned) {
      root.close();
    }
  }
}
