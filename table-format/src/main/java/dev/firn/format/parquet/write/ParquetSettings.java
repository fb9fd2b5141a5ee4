package dev.firn.format.parquet.write;

import dev.firn.error.FirnException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.iceberg.MetricsConfig;
import org.apache.iceberg.TableProperties;
import org.apache.parquet.column.ParquetProperties.WriterVersion;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.jspecify.annotations.Nullable;

/**
 * How Parquet files are laid out; of a table, its {@code write.parquet.*} properties. Sizes are in
 * bytes; {@code level} null means the codec's default; {@code bloomFilters} maps column names to
 * false-positive probabilities; {@code unmeasured} are the columns without statistics; {@code
 * extra} goes into the footer's key-value metadata.
 */
public record ParquetSettings(
    CompressionCodecName codec,
    @Nullable Integer level,
    long rowGroupBytes,
    int pageBytes,
    int pageRows,
    WriterVersion pageVersion,
    int dictionaryBytes,
    Map<String, Double> bloomFilters,
    int bloomFilterMaxBytes,
    Set<String> unmeasured,
    MetricsConfig metrics,
    Map<String, String> extra) {
  private static final List<CompressionCodecName> CODECS =
      List.of(
          CompressionCodecName.UNCOMPRESSED,
          CompressionCodecName.SNAPPY,
          CompressionCodecName.GZIP,
          CompressionCodecName.ZSTD,
          CompressionCodecName.LZ4_RAW,
          CompressionCodecName.LZ4);

  public ParquetSettings {
    bloomFilters = Map.copyOf(bloomFilters);
    unmeasured = Set.copyOf(unmeasured);
    extra = Map.copyOf(extra);
  }

  /**
   * Reads Iceberg's table properties. A value out of range is {@code INVALID} and names the
   * property.
   */
  public static ParquetSettings of(Map<String, String> properties, MetricsConfig metrics) {
    CompressionCodecName codec = codec(properties);
    return new ParquetSettings(
        codec,
        level(properties, codec),
        positive(
            properties,
            TableProperties.PARQUET_ROW_GROUP_SIZE_BYTES,
            TableProperties.PARQUET_ROW_GROUP_SIZE_BYTES_DEFAULT),
        positive(
            properties,
            TableProperties.PARQUET_PAGE_SIZE_BYTES,
            TableProperties.PARQUET_PAGE_SIZE_BYTES_DEFAULT),
        positive(
            properties,
            TableProperties.PARQUET_PAGE_ROW_LIMIT,
            TableProperties.PARQUET_PAGE_ROW_LIMIT_DEFAULT),
        pageVersion(properties),
        positive(
            properties,
            TableProperties.PARQUET_DICT_SIZE_BYTES,
            TableProperties.PARQUET_DICT_SIZE_BYTES_DEFAULT),
        bloomFilters(properties),
        positive(
            properties,
            TableProperties.PARQUET_BLOOM_FILTER_MAX_BYTES,
            TableProperties.PARQUET_BLOOM_FILTER_MAX_BYTES_DEFAULT),
        unmeasured(properties),
        metrics,
        Map.of());
  }

  /** The same, with {@code entries} in the footer's key-value metadata. */
  public ParquetSettings withExtra(Map<String, String> entries) {
    return new ParquetSettings(
        codec,
        level,
        rowGroupBytes,
        pageBytes,
        pageRows,
        pageVersion,
        dictionaryBytes,
        bloomFilters,
        bloomFilterMaxBytes,
        unmeasured,
        metrics,
        entries);
  }

  private static CompressionCodecName codec(Map<String, String> properties) {
    String property = TableProperties.PARQUET_COMPRESSION;
    String name =
        properties.getOrDefault(property, TableProperties.PARQUET_COMPRESSION_DEFAULT_SINCE_1_4_0);
    String upper = name.toUpperCase(Locale.ROOT);
    return CODECS.stream()
        .filter(codec -> codec.name().equals(upper))
        .findFirst()
        .orElseThrow(() -> invalid(property, "one of " + names(), name));
  }

  private static String names() {
    return CODECS.stream()
        .map(codec -> codec.name().toLowerCase(Locale.ROOT))
        .collect(Collectors.joining(", "));
  }

  private static @Nullable Integer level(
      Map<String, String> properties, CompressionCodecName codec) {
    String property = TableProperties.PARQUET_COMPRESSION_LEVEL;
    String text = properties.get(property);
    int least = codec == CompressionCodecName.ZSTD ? -7 : 0;
    int most = codec == CompressionCodecName.ZSTD ? 22 : 9;
    boolean leveled = codec == CompressionCodecName.ZSTD || codec == CompressionCodecName.GZIP;
    // The other codecs have no levels, and Iceberg passes over the property.
    if (text == null || !leveled) {
      return null;
    }
    return integer(property, text, least, most);
  }

  private static WriterVersion pageVersion(Map<String, String> properties) {
    String property = TableProperties.PARQUET_PAGE_VERSION;
    String name = properties.getOrDefault(property, TableProperties.PARQUET_PAGE_VERSION_DEFAULT);
    return switch (name.toLowerCase(Locale.ROOT)) {
      case "v1", "parquet_1_0" -> WriterVersion.PARQUET_1_0;
      case "v2", "parquet_2_0" -> WriterVersion.PARQUET_2_0;
      default -> throw invalid(property, "v1 or v2", name);
    };
  }

  private static int positive(Map<String, String> properties, String property, int otherwise) {
    String text = properties.get(property);
    return text == null ? otherwise : integer(property, text, 1, Integer.MAX_VALUE);
  }

  private static int integer(String property, String text, int least, int most) {
    try {
      int value = Integer.parseInt(text.trim());
      if (value >= least && value <= most) {
        return value;
      }
    } catch (NumberFormatException e) {
      // Falls through to the one message.
    }
    throw invalid(property, "a number from " + least + " to " + most, text);
  }

  private static Map<String, Double> bloomFilters(Map<String, String> properties) {
    String enabled = TableProperties.PARQUET_BLOOM_FILTER_COLUMN_ENABLED_PREFIX;
    String fpp = TableProperties.PARQUET_BLOOM_FILTER_COLUMN_FPP_PREFIX;
    Map<String, Double> filters = new HashMap<>();
    properties.forEach(
        (property, value) -> {
          if (property.startsWith(enabled) && flag(property, value)) {
            String column = property.substring(enabled.length());
            filters.put(column, probability(properties, fpp + column));
          }
        });
    return filters;
  }

  private static double probability(Map<String, String> properties, String property) {
    String text = properties.get(property);
    if (text == null) {
      return TableProperties.PARQUET_BLOOM_FILTER_COLUMN_FPP_DEFAULT;
    }
    try {
      double value = Double.parseDouble(text);
      if (value > 0 && value < 1) {
        return value;
      }
    } catch (NumberFormatException e) {
      // Falls through to the one message.
    }
    throw invalid(property, "a number between 0 and 1", text);
  }

  private static Set<String> unmeasured(Map<String, String> properties) {
    String prefix = TableProperties.PARQUET_COLUMN_STATS_ENABLED_PREFIX;
    Set<String> columns = new HashSet<>();
    properties.forEach(
        (property, value) -> {
          if (property.startsWith(prefix) && !flag(property, value)) {
            columns.add(property.substring(prefix.length()));
          }
        });
    return columns;
  }

  private static boolean flag(String property, String text) {
    String lower = text.trim().toLowerCase(Locale.ROOT);
    if (Arrays.asList("true", "false").contains(lower)) {
      return Boolean.parseBoolean(lower);
    }
    throw invalid(property, "true or false", text);
  }

  private static FirnException invalid(String property, String expected, String got) {
    return FirnException.invalid(
        "Cannot use table property %s: out of range, expected %s, got %s"
            .formatted(property, expected, got));
  }
}
