package dev.firn.format.parquet.proof;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.iceberg.Files;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.data.parquet.GenericParquetReaders;
import org.apache.iceberg.data.parquet.GenericParquetWriter;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.FileAppender;
import org.apache.iceberg.parquet.Parquet;
import org.apache.parquet.column.ParquetProperties.WriterVersion;

/** Iceberg's generic reader and writer of Parquet. */
final class IcebergFiles {
  private static final List<String> CODECS =
      List.of("uncompressed", "snappy", "gzip", "zstd", "lz4_raw");

  private IcebergFiles() {}

  static List<Record> read(Path file, Schema projection) {
    return read(file, projection, Expressions.alwaysTrue());
  }

  /**
   * Leaves out row groups that have no row of the filter; which rows it has is still to be seen.
   */
  static List<Record> read(Path file, Schema projection, Expression filter) {
    try (CloseableIterable<Record> rows =
        Parquet.read(Files.localInput(file.toFile()))
            .project(projection)
            .filter(filter)
            .createReaderFunc(type -> GenericParquetReaders.buildReader(projection, type))
            .build()) {
      List<Record> read = new ArrayList<>();
      rows.forEach(read::add);
      return read;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Writes with random settings. */
  static void write(Path file, GeneratedTable table, Random random) {
    WriterVersion version =
        random.nextBoolean() ? WriterVersion.PARQUET_1_0 : WriterVersion.PARQUET_2_0;
    try (FileAppender<Record> appender =
        Parquet.write(Files.localOutput(file.toFile()))
            .schema(table.schema())
            .named("table")
            .setAll(settings(random))
            .writerVersion(version)
            .createWriterFunc(GenericParquetWriter::create)
            .build()) {
      table.rows().forEach(appender::add);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Map<String, String> settings(Random random) {
    Map<String, String> settings = new HashMap<>();
    settings.put("write.parquet.compression-codec", CODECS.get(random.nextInt(CODECS.size())));
    if (random.nextBoolean()) {
      settings.put("write.parquet.page-size-bytes", random.nextBoolean() ? "64" : "5000");
      settings.put("write.parquet.page-row-limit", random.nextBoolean() ? "10" : "1000");
    }
    if (random.nextInt(3) == 0) {
      settings.put("write.parquet.dict-size-bytes", "500");
    }
    if (random.nextInt(3) == 0) {
      settings.put("parquet.enable.dictionary", "false");
    }
    if (random.nextBoolean()) {
      settings.put("write.parquet.row-group-size-bytes", "20000");
      settings.put("write.parquet.row-group-check-min-record-count", "50");
      settings.put("write.parquet.row-group-check-max-record-count", "100");
    }
    return settings;
  }
}
