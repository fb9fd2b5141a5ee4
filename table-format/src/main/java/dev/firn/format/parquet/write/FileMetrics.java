package dev.firn.format.parquet.write;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.FieldMetrics;
import org.apache.iceberg.Metrics;
import org.apache.iceberg.MetricsConfig;
import org.apache.iceberg.Schema;
import org.apache.iceberg.SortOrder;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.parquet.ParquetSchemaUtil;
import org.apache.iceberg.parquet.ParquetUtil;
import org.apache.parquet.hadoop.metadata.ParquetMetadata;

/** Iceberg's metrics of a file from its footer, as Iceberg's own writer gives them. */
final class FileMetrics {
  private FileMetrics() {}

  static Metrics of(
      Schema schema, ParquetMetadata footer, List<FieldMetrics<?>> measured, MetricsConfig config) {
    Schema inFile = ParquetSchemaUtil.convertAndPrune(footer.getFileMetaData().getSchema());
    return ParquetUtil.footerMetrics(footer, measured.stream(), renamed(schema, inFile, config));
  }

  /**
   * Modes by the names that columns have in the file: Parquet's are Avro-safe, and Iceberg looks
   * modes up by name.
   */
  private static MetricsConfig renamed(Schema schema, Schema inFile, MetricsConfig config) {
    Map<String, String> modes = new HashMap<>();
    for (int id : schema.idToName().keySet()) {
      String name = inFile.findColumnName(id);
      if (name != null) {
        modes.put(
            TableProperties.METRICS_MODE_COLUMN_CONF_PREFIX + name,
            config.columnMode(schema.findColumnName(id)).toString());
      }
    }
    return MetricsConfig.from(modes, inFile, SortOrder.unsorted());
  }
}
