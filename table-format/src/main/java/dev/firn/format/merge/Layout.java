package dev.firn.format.merge;

import dev.firn.format.parquet.write.PageFile;
import dev.firn.format.parquet.write.ParquetSettings;
import java.util.ArrayList;
import java.util.List;
import org.apache.iceberg.MetadataColumns;
import org.apache.iceberg.MetricsConfig;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableUtil;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.jspecify.annotations.Nullable;

/** What the files that come out have in common. Immutable. */
record Layout(Schema schema, MessageType type, List<Column> columns, ParquetSettings settings) {
  private static final int LINEAGE_VERSION = 3;

  static Layout of(Table table) {
    Schema schema =
        keepsLineage(table) ? MetadataColumns.schemaWithRowLineage(table.schema()) : table.schema();
    MessageType type = PageFile.type(schema);
    ParquetSettings settings =
        ParquetSettings.of(table.properties(), MetricsConfig.forTable(table));
    List<Column> columns = new ArrayList<>();
    for (ColumnDescriptor descriptor : type.getColumns()) {
      columns.add(column(columns.size(), descriptor, schema, settings));
    }
    return new Layout(schema, type, List.copyOf(columns), settings);
  }

  static boolean keepsLineage(Table table) {
    return TableUtil.formatVersion(table) >= LINEAGE_VERSION;
  }

  private static Column column(
      int index, ColumnDescriptor descriptor, Schema schema, ParquetSettings settings) {
    PrimitiveType type = descriptor.getPrimitiveType();
    String found = type.getId() == null ? null : schema.findColumnName(type.getId().intValue());
    String name = found == null ? String.join(".", descriptor.getPath()) : found;
    PrimitiveTypeName physical = type.getPrimitiveTypeName();
    boolean floating = physical == PrimitiveTypeName.FLOAT || physical == PrimitiveTypeName.DOUBLE;
    return new Column(
        index,
        descriptor,
        name,
        lineage(type),
        floating && descriptor.getMaxRepetitionLevel() == 0,
        settings.unmeasured().contains(name),
        physical == PrimitiveTypeName.BOOLEAN ? null : settings.bloomFilters().get(name));
  }

  private static Column.@Nullable Lineage lineage(PrimitiveType type) {
    int id = type.getId() == null ? 0 : type.getId().intValue();
    if (id == MetadataColumns.ROW_ID.fieldId()) {
      return Column.Lineage.ROW_ID;
    }
    return id == MetadataColumns.LAST_UPDATED_SEQUENCE_NUMBER.fieldId()
        ? Column.Lineage.SEQUENCE_NUMBER
        : null;
  }
}
