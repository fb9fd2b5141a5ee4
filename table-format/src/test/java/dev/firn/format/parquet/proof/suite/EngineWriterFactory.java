package dev.firn.format.parquet.proof.suite;

import java.util.List;
import java.util.Map;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.Schema;
import org.apache.iceberg.SortOrder;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.data.RegistryBasedFileWriterFactory;
import org.apache.iceberg.util.StructLikeSet;

/**
 * Iceberg's data and delete file writers over the engine's models, so that Parquet data files and
 * equality deletes are written by us; position deletes have a model of their own, Iceberg's.
 */
final class EngineWriterFactory extends RegistryBasedFileWriterFactory<EngineRow, Object> {
  private static final long serialVersionUID = 1L;

  static {
    EngineModels.register();
  }

  EngineWriterFactory(
      Table table,
      FileFormat format,
      Schema dataSchema,
      List<Integer> equalityFieldIds,
      Schema equalityDeleteRowSchema) {
    super(
        table,
        format,
        EngineRow.class,
        dataSchema,
        SortOrder.unsorted(),
        format,
        equalityFieldIds == null
            ? null
            : equalityFieldIds.stream().mapToInt(Integer::intValue).toArray(),
        equalityDeleteRowSchema,
        SortOrder.unsorted(),
        Map.of(),
        dataSchema,
        equalityDeleteRowSchema);
  }

  /** A row of the suites' two columns. */
  static EngineRow row(Table table, Integer id, String data) {
    Record row = GenericRecord.create(table.schema());
    row.set(0, id);
    row.set(1, data);
    return new EngineRow(row);
  }

  static StructLikeSet set(Table table, Iterable<EngineRow> rows) {
    StructLikeSet set = StructLikeSet.create(table.schema().asStruct());
    rows.forEach(row -> set.add(row.row()));
    return set;
  }
}
