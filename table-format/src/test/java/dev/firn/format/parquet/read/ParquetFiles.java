package dev.firn.format.parquet.read;

import dev.firn.format.arrow.ArrowRows;
import dev.firn.format.arrow.Shown;
import dev.firn.storage.scheme.SchemeFileIO;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.data.parquet.GenericParquetReaders;
import org.apache.iceberg.data.parquet.GenericParquetWriter;
import org.apache.iceberg.inmemory.InMemoryInputFile;
import org.apache.iceberg.inmemory.InMemoryOutputFile;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.FileAppender;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.SeekableInputStream;
import org.apache.iceberg.parquet.Parquet;

/** Parquet files in memory of Iceberg's generic writer, and readings of them. */
final class ParquetFiles {
  private ParquetFiles() {}

  static InputFile write(Schema schema, List<Record> rows, Map<String, String> properties) {
    InMemoryOutputFile file = new InMemoryOutputFile();
    try (FileAppender<Record> appender =
        Parquet.write(file)
            .schema(schema)
            .createWriterFunc(GenericParquetWriter::create)
            .setAll(properties)
            .build()) {
      appender.addAll(rows);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new InMemoryInputFile("memory:test.parquet", file.toByteArray());
  }

  static InputFile write(Schema schema, List<Record> rows) {
    return write(schema, rows, Map.of());
  }

  /** The same file on local disk, as Firn's {@code FileIO} has it. */
  static InputFile local(InputFile file, Path folder) {
    try (SeekableInputStream in = file.newStream();
        SchemeFileIO io = new SchemeFileIO()) {
      Path path = Files.createTempFile(folder, "file", ".parquet");
      Files.write(path, in.readAllBytes());
      io.initialize(Map.of());
      return io.newInputFile(path.toString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Properties for row groups of about {@code groupRows} rows, and pages of {@code pageRows}. */
  static Map<String, String> small(int groupRows, int pageRows) {
    Map<String, String> properties = new HashMap<>();
    properties.put("write.parquet.row-group-size-bytes", "1");
    properties.put("write.parquet.row-group-check-min-record-count", "" + groupRows);
    properties.put("write.parquet.row-group-check-max-record-count", "" + groupRows);
    properties.put("write.parquet.page-row-limit", "" + pageRows);
    return properties;
  }

  static List<Object> read(
      InputFile file,
      Schema projection,
      UnaryOperator<ParquetReader.Builder> settings,
      BufferAllocator allocator) {
    List<Object> rows = new ArrayList<>();
    try (ParquetReader reader =
        settings.apply(ParquetReader.of(file, projection)).open(allocator)) {
      while (reader.next()) {
        if (reader.root().getRowCount() == 0) {
          throw new AssertionError("an empty batch");
        }
        rows.addAll(Shown.all(ArrowRows.rows(reader.root(), projection, reader.dictionaries())));
      }
    }
    return rows;
  }

  static List<Object> read(InputFile file, Schema projection, BufferAllocator allocator) {
    return read(file, projection, settings -> settings, allocator);
  }

  /** The rows as Iceberg's generic reader has them. */
  static List<Object> generic(InputFile file, Schema projection) {
    try (CloseableIterable<Record> rows =
        Parquet.read(file)
            .project(projection)
            .createReaderFunc(type -> GenericParquetReaders.buildReader(projection, type))
            .build()) {
      return Shown.all(rows);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
