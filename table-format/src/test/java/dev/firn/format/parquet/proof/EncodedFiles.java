package dev.firn.format.parquet.proof;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.data.parquet.GenericParquetWriter;
import org.apache.iceberg.parquet.ParquetSchemaUtil;
import org.apache.iceberg.parquet.ParquetValueWriter;
import org.apache.parquet.column.ColumnWriteStore;
import org.apache.parquet.column.ParquetProperties;
import org.apache.parquet.column.ParquetProperties.WriterVersion;
import org.apache.parquet.compression.CompressionCodecFactory;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.CodecFactory;
import org.apache.parquet.hadoop.ColumnChunkPageWriteStore;
import org.apache.parquet.hadoop.ParquetFileWriter;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.LocalOutputFile;
import org.apache.parquet.schema.MessageType;

/**
 * Files of parquet-java with a chosen encoding per column, page version, codec and checksums, their
 * records shredded by Iceberg.
 */
final class EncodedFiles {
  /** Every codec that parquet-java brings along. */
  static final List<CompressionCodecName> CODECS =
      List.of(
          CompressionCodecName.UNCOMPRESSED,
          CompressionCodecName.SNAPPY,
          CompressionCodecName.GZIP,
          CompressionCodecName.ZSTD,
          CompressionCodecName.LZ4_RAW);

  /** How a file is laid out. */
  record Layout(
      CompressionCodecName codec,
      WriterVersion pages,
      int pageBytes,
      int pageRows,
      int rowGroupRows,
      boolean checksums,
      RandomEncodings encodings) {
    static Layout random(Random random) {
      return new Layout(
          CODECS.get(random.nextInt(CODECS.size())),
          random.nextBoolean() ? WriterVersion.PARQUET_1_0 : WriterVersion.PARQUET_2_0,
          List.of(64, 1000, 100_000).get(random.nextInt(3)),
          List.of(1, 37, 20_000).get(random.nextInt(3)),
          List.of(100, 1000, 1_000_000).get(random.nextInt(3)),
          random.nextBoolean(),
          new RandomEncodings(random));
    }

    private ParquetProperties properties() {
      return ParquetProperties.builder()
          .withWriterVersion(pages)
          .withPageSize(pageBytes)
          .withPageRowCountLimit(pageRows)
          .withMinRowCountForPageSizeCheck(10)
          .withDictionaryPageSize(4000)
          .withPageWriteChecksumEnabled(checksums)
          .withValuesWriterFactory(encodings)
          .build();
    }
  }

  private EncodedFiles() {}

  /** Writes the table's rows to a new file. */
  static void write(Path path, GeneratedTable table, Layout layout) {
    Map<String, String> metadata = new HashMap<>();
    MessageType type = ParquetSchemaUtil.convert(table.schema(), "table");
    CodecFactory codecs = new CodecFactory(new PlainParquetConfiguration(), layout.pageBytes);
    try (ParquetFileWriter file =
        new ParquetFileWriter(
            new LocalOutputFile(path),
            type,
            ParquetFileWriter.Mode.CREATE,
            1 << 20,
            0,
            null,
            layout.properties())) {
      file.start();
      ParquetValueWriter<Record> records = GenericParquetWriter.create(table.schema(), type);
      List<Record> rows = table.rows();
      for (int from = 0; from < rows.size(); from += layout.rowGroupRows) {
        int to = Math.min(rows.size(), from + layout.rowGroupRows);
        rowGroup(file, type, codecs, layout, records, rows.subList(from, to));
      }
      file.end(metadata);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      codecs.release();
    }
  }

  private static void rowGroup(
      ParquetFileWriter file,
      MessageType type,
      CodecFactory codecs,
      Layout layout,
      ParquetValueWriter<Record> records,
      List<Record> rows)
      throws IOException {
    ParquetProperties properties = layout.properties();
    CompressionCodecFactory.BytesInputCompressor compressor = codecs.getCompressor(layout.codec);
    file.startBlock(rows.size());
    try (ColumnChunkPageWriteStore pages =
            new ColumnChunkPageWriteStore(
                compressor, type, properties.getAllocator(), 64, layout.checksums);
        ColumnWriteStore columns = properties.newColumnWriteStore(type, pages, pages)) {
      records.setColumnStore(columns);
      for (Record row : rows) {
        records.write(0, row);
        columns.endRecord();
      }
      columns.flush();
      pages.flushToFileWriter(file);
    }
    file.endBlock();
  }
}
