package dev.firn.format.write;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.MetadataColumns;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.formats.FormatModelRegistry;
import org.apache.iceberg.formats.ReadBuilder;
import org.apache.iceberg.io.CloseableIterable;

/** One data file's rows in file order, by Iceberg's own reader. */
final class ReadFile {
  // What a scan passes for a file whose rows lack their own; without it lineage reads as null.
  private static final Map<Integer, Object> LINEAGE =
      Map.of(
          MetadataColumns.ROW_ID.fieldId(),
          0L,
          MetadataColumns.LAST_UPDATED_SEQUENCE_NUMBER.fieldId(),
          1L);

  private ReadFile() {}

  static List<Record> rows(Table table, DataFile file) {
    return rows(table, table.schema(), file);
  }

  static List<Record> rows(Table table, Schema schema, DataFile file) {
    ReadBuilder<Record, Schema> builder =
        FormatModelRegistry.readBuilder(
            file.format(), Record.class, table.io().newInputFile(file.location()));
    List<Record> rows = new ArrayList<>();
    try (CloseableIterable<Record> read = builder.project(schema).idToConstant(LINEAGE).build()) {
      read.forEach(rows::add);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return rows;
  }
}
