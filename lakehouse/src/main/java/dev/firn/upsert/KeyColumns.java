package dev.firn.upsert;

import dev.firn.error.FirnException;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.iceberg.Schema;
import org.apache.iceberg.SortOrder;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableUtil;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.TypeUtil;
import org.apache.iceberg.types.Types.NestedField;

/**
 * The identifier fields of a table's schema. Immutable.
 *
 * @param rows the table's columns
 * @param key those that are the key, in the schema's order
 * @param positions where they are among {@code rows}
 */
record KeyColumns(Schema rows, Schema key, List<Integer> positions) {
  /**
   * Returns the key of the table.
   *
   * @throws FirnException INVALID where it has none, or where its rows cannot be marked
   */
  static KeyColumns of(Table table) {
    Schema rows = table.schema();
    if (rows.identifierFieldIds().isEmpty()) {
      throw FirnException.invalid(
          "Cannot upsert: the table has no identifier fields; set some with 'firn evolve' ["
              + table.name()
              + "]");
    }
    if (TableUtil.formatVersion(table) < 2) {
      throw FirnException.invalid(
          "Cannot upsert: the table's format has no row deletes, expected format-version 2 or 3, got 1; upgrade the table ["
              + table.name()
              + "]");
    }
    Schema key = keyOf(rows);
    List<Integer> positions = new ArrayList<>();
    for (NestedField column : key.columns()) {
      if (!column.type().isPrimitiveType()) {
        throw FirnException.invalid(
            "Cannot upsert: the identifier fields lie within column %s, expected columns of the table [%s]"
                .formatted(column.name(), table.name()));
      }
      positions.add(rows.columns().indexOf(column));
    }
    return new KeyColumns(rows, key, List.copyOf(positions));
  }

  static Schema keyOf(Schema rows) {
    return TypeUtil.select(rows, rows.identifierFieldIds());
  }

  /** Returns an order in which only equal keys are equal. */
  SortOrder order() {
    SortOrder.Builder order = SortOrder.builderFor(key);
    key.columns().forEach(column -> order.asc(column.name()));
    return order.build();
  }

  /** Returns the key of a row of the table's columns. */
  Record keyOf(Record row) {
    Record values = GenericRecord.create(key);
    for (int i = 0; i < positions.size(); i++) {
      values.set(i, row.get(positions.get(i)));
    }
    return values;
  }

  /** Returns the key columns of a batch of the table's, which keeps its vectors. */
  VectorSchemaRoot keysOf(VectorSchemaRoot batch) {
    List<FieldVector> columns = new ArrayList<>();
    for (int position : positions) {
      columns.add(batch.getVector(position));
    }
    return root(columns, batch.getRowCount());
  }

  /** Returns the columns of any batch that have the names of key columns, where it has them. */
  VectorSchemaRoot named(VectorSchemaRoot batch) {
    List<FieldVector> columns = new ArrayList<>();
    for (NestedField column : key.columns()) {
      FieldVector given = batch.getVector(column.name());
      if (given != null) {
        columns.add(given);
      }
    }
    return root(columns, batch.getRowCount());
  }

  /** Returns the values of any row that have the names of key columns, where it has them. */
  Record named(Record row) {
    List<NestedField> given =
        key.columns().stream().filter(each -> row.struct().field(each.name()) != null).toList();
    Record values = GenericRecord.create(new Schema(given));
    for (NestedField column : given) {
      values.setField(column.name(), row.getField(column.name()));
    }
    return values;
  }

  private static VectorSchemaRoot root(List<FieldVector> columns, int rows) {
    return new VectorSchemaRoot(
        columns.stream().map(FieldVector::getField).toList(), columns, rows);
  }
}
