package dev.firn.scan.change;

import dev.firn.scan.Decoding;
import dev.firn.scan.FileTaskReader;
import java.util.ArrayList;
import java.util.List;
import org.apache.iceberg.MetadataColumns;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.types.Types.NestedField;

/**
 * Reads files in some columns, and the same with each row's position. Thread-safe.
 *
 * @param width how many columns
 * @param positionPlace where the position is among the columns of {@code withPosition}
 */
record StepReader(FileTaskReader plain, FileTaskReader withPosition, int width, int positionPlace) {
  static StepReader of(
      Table table, Schema schema, Schema columns, Expression filter, Decoding decoding) {
    List<NestedField> fields = new ArrayList<>(columns.columns());
    int place = fields.indexOf(MetadataColumns.ROW_POSITION);
    if (place < 0) {
      place = fields.size();
      fields.add(MetadataColumns.ROW_POSITION);
    }
    return new StepReader(
        new FileTaskReader(table, schema, columns, filter, decoding),
        new FileTaskReader(table, schema, new Schema(fields), filter, decoding),
        columns.columns().size(),
        place);
  }
}
