package dev.firn.format.parquet.write;

import java.util.Map;
import org.apache.iceberg.MetricsConfig;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.jspecify.annotations.Nullable;

/**
 * How Parquet files are laid out; of a table, its {@code write.parquet.*} properties. Sizes are in bytes; {@code
 * level} null means the codec's default; {@code bloomFilters} maps column names to false-positive probabilities; {@code
 * extra} goes into the footer's key-value metadata.
 */
public record ParquetSettings(
    CompressionCodecName codec,
    @Nullable Integer level,
    long rowGroupBytes,
    int pageBytes,
    int pageRows,
    int dictionaryBytes,
    Map<String, Double> bloomFilters,
    int bloomFilterMaxBytes,
    MetricsConfig metrics,
    Map<String, String> extra) {
  public ParquetSettings {
    bloomFilters = Map.copyOf(bloomFilters);
    extra = Map.copyOf(extra);
  }

  /** Reads Iceberg's table properties. A value out of range is {@code INVALID} and names the property. */
  public static ParquetSettings of(Map<String, String> properties, MetricsConfig metrics) {
    throw new UnsupportedOperationException("SKELETON");
  }
}
