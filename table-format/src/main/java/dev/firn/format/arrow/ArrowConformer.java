package dev.firn.format.arrow;

import dev.firn.error.FirnException;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.dictionary.DictionaryProvider;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Types.NestedField;
import org.jspecify.annotations.Nullable;

/**
 * Brings Arrow batches into the layout of {@link ArrowSchemas#toArrow}, column by column. What is
 * taken, and what is {@code INVALID}, is what {@link ArrowRows} says: the same conversions, checks
 * and messages. Immutable.
 *
 * <p>Columns that have the layout are checked and passed through; integers, timestamps, floats,
 * text and bytes of other physical types and dictionaries of them are converted as whole columns,
 * all else value by value. The bytes of strings are taken as they are: Arrow demands UTF-8.
 */
public final class ArrowConformer {
  private final Schema schema;
  private final List<Field> fields;

  public ArrowConformer(Schema schema) {
    this.schema = schema;
    this.fields = ArrowSchemas.toArrow(schema).getFields();
  }

  /** Returns the batch's rows; vectors that have to be made come from {@code allocator}. */
  public ConformedBatch conform(
      VectorSchemaRoot batch, DictionaryProvider dictionaries, BufferAllocator allocator) {
    StructReader reader =
        new StructReader(schema.asStruct(), batch.getFieldVectors(), "", dictionaries);
    List<FieldVector> columns = new ArrayList<>();
    List<FieldVector> made = new ArrayList<>();
    boolean done = false;
    try {
      for (int i = 0; i < fields.size(); i++) {
        FieldVector given = reader.vector(i);
        if (given != null && passes(given, i, reader, batch.getRowCount())) {
          columns.add(given);
          continue;
        }
        FieldVector converted =
            convert(given, i, reader, batch.getRowCount(), dictionaries, allocator);
        made.add(converted);
        columns.add(converted);
      }
      done = true;
      return new ConformedBatch(columns, made, batch.getRowCount());
    } finally {
      if (!done) {
        made.forEach(FieldVector::close);
      }
    }
  }

  private boolean passes(FieldVector given, int column, StructReader reader, int rows) {
    NestedField field = schema.columns().get(column);
    if (given.getValueCount() < rows) {
      throw FirnException.invalid(
          "Cannot read a batch: column "
              + field.name()
              + " is shorter than the batch, expected "
              + rows
              + " values, got "
              + given.getValueCount());
    }
    if (!Layouts.same(given, field.type())) {
      return false;
    }
    if (Layouts.suspicious(given, field)) {
      // Row by row, since only the reader knows which values count.
      readAll(column, reader, rows);
    }
    return true;
  }

  private static void readAll(int column, StructReader reader, int rows) {
    for (int row = 0; row < rows; row++) {
      read(column, reader, row);
    }
  }

  private static @Nullable Object read(int column, StructReader reader, int row) {
    try {
      return reader.value(column, row);
    } catch (Misfit misfit) {
      throw misfit.inRow(row);
    }
  }

  private FieldVector convert(
      @Nullable FieldVector given,
      int column,
      StructReader reader,
      int rows,
      DictionaryProvider dictionaries,
      BufferAllocator allocator) {
    NestedField field = schema.columns().get(column);
    Conversions conversions = new Conversions(dictionaries, allocator, rows);
    FieldVector target = fields.get(column).createVector(allocator);
    boolean done = false;
    try {
      int misfit =
          given == null ? Conversions.UNKNOWN : conversions.convert(given, field.type(), target);
      boolean nulls = field.isRequired() && misfit == Conversions.NONE && target.getNullCount() > 0;
      if (misfit >= 0 || nulls) {
        readAll(column, reader, rows);
        throw new IllegalStateException(
            "column " + field.name() + " converted otherwise than read");
      }
      if (misfit == Conversions.UNKNOWN) {
        fill(target, field, column, reader, rows);
      }
      done = true;
      return target;
    } finally {
      if (!done) {
        target.close();
      }
    }
  }

  private static void fill(
      FieldVector target, NestedField field, int column, StructReader reader, int rows) {
    target.clear();
    target.setInitialCapacity(rows);
    Appender appender = Appenders.of(target, field.type());
    for (int row = 0; row < rows; row++) {
      appender.append(row, read(column, reader, row));
    }
    target.setValueCount(rows);
  }
}
