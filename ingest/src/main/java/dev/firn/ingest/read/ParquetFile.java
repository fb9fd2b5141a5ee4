package dev.firn.ingest.read;

import dev.firn.error.FirnException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import org.apache.iceberg.Files;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.data.parquet.GenericParquetReaders;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.mapping.MappingUtil;
import org.apache.iceberg.parquet.Parquet;
import org.apache.iceberg.parquet.ParquetSchemaUtil;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.io.LocalInputFile;
import org.apache.parquet.schema.MessageType;
import org.jspecify.annotations.Nullable;

/** A Parquet file of any writer, read by Iceberg's generic reader with columns found by name. */
final class ParquetFile implements TypedFile {
  private static final String MAGIC = "PAR1";
  private static final int SMALLEST = 12;

  private final Source source;
  private final ReadMonitor monitor;
  private final Schema schema;
  private @Nullable CloseableIterable<Record> rows;

  ParquetFile(Source source, ReadMonitor monitor) {
    this.source = source;
    this.monitor = monitor;
    checkWhole(source);
    this.schema = ParquetSchemaUtil.convert(message());
  }

  private static void checkWhole(Source source) {
    byte[] tail = new byte[MAGIC.length()];
    try (RandomAccessFile file = new RandomAccessFile(source.path().toFile(), "r")) {
      if (file.length() >= SMALLEST) {
        file.seek(file.length() - tail.length);
        file.readFully(tail);
      }
    } catch (IOException e) {
      throw source.failed(e);
    }
    if (!new String(tail, StandardCharsets.US_ASCII).equals(MAGIC)) {
      throw FirnException.corrupt(
          "Cannot load %s: expected the Parquet mark PAR1 in its last four bytes, got something else; the file is cut short or no Parquet file: fetch it again"
              .formatted(source.name()),
          null);
    }
  }

  private MessageType message() {
    try (ParquetFileReader reader = ParquetFileReader.open(new LocalInputFile(source.path()))) {
      return reader.getFileMetaData().getSchema();
    } catch (IOException | RuntimeException e) {
      throw FirnException.corrupt(
          "Cannot load %s: its Parquet footer cannot be read: %s"
              .formatted(source.name(), e.getMessage()),
          e);
    }
  }

  @Override
  public Schema schema() {
    return schema;
  }

  @Override
  public Iterator<Record> rows() {
    monitor.bytes(source.size());
    rows =
        Parquet.read(Files.localInput(source.path().toFile()))
            .project(schema)
            .withNameMapping(MappingUtil.create(schema))
            .createReaderFunc(file -> GenericParquetReaders.buildReader(schema, file))
            .build();
    return rows.iterator();
  }

  @Override
  public void close() {
    try {
      if (rows != null) {
        rows.close();
      }
    } catch (IOException e) {
      throw source.failed(e);
    }
  }
}
