package dev.firn.bench.write;

import dev.firn.bench.measure.Digest;
import dev.firn.bench.measure.RecordDigester;
import dev.firn.bench.measure.Stopwatch;
import dev.firn.format.arrow.ArrowRows;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.iceberg.Files;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.data.parquet.GenericParquetReaders;
import org.apache.iceberg.data.parquet.GenericParquetWriter;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.FileAppender;
import org.apache.iceberg.parquet.Parquet;

/**
 * Iceberg's generic Parquet appender. It takes records, which are made of the batches beforehand:
 * that is not timed.
 */
final class GenericWriter implements FileWriter {
  private final Batches batches;
  private final Map<String, String> properties;

  GenericWriter(Batches batches, Map<String, String> properties) {
    this.batches = batches;
    this.properties = Map.copyOf(properties);
  }

  @Override
  public void write(Path file, Stopwatch watch) throws Exception {
    Schema schema = batches.dataset().schema();
    watch.start();
    FileAppender<Record> appender =
        Parquet.write(Files.localOutput(file.toFile()))
            .schema(schema)
            .setAll(properties)
            .createWriterFunc(GenericParquetWriter::create)
            .build();
    watch.stop();
    for (VectorSchemaRoot batch : batches.all()) {
      List<Record> rows = new ArrayList<>(batch.getRowCount());
      ArrowRows.rows(batch, schema).forEach(rows::add);
      watch.start();
      appender.addAll(rows);
      watch.stop();
    }
    watch.start();
    appender.close();
    watch.stop();
  }

  @Override
  public Digest digest(Path file) throws Exception {
    Schema schema = batches.dataset().schema();
    RecordDigester digester = new RecordDigester(schema.columns().size());
    try (CloseableIterable<Record> rows =
        Parquet.read(Files.localInput(file.toFile()))
            .project(schema)
            .createReaderFunc(stored -> GenericParquetReaders.buildReader(schema, stored))
            .build()) {
      rows.forEach(digester::add);
    }
    return digester.digest();
  }

  @Override
  public void close() {}
}
