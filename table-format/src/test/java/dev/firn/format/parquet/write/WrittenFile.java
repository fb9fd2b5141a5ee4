package dev.firn.format.parquet.write;

import dev.firn.format.arrow.ArrowBatchBuilder;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.iceberg.Metrics;
import org.apache.iceberg.MetricsConfig;
import org.apache.iceberg.Schema;
import org.apache.iceberg.SortOrder;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.data.parquet.GenericParquetReaders;
import org.apache.iceberg.data.parquet.GenericParquetWriter;
import org.apache.iceberg.inmemory.InMemoryFileIO;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.FileAppender;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.OutputFile;
import org.apache.iceberg.io.SeekableInputStream;
import org.apache.iceberg.parquet.Parquet;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.ParquetMetadata;
import org.apache.parquet.io.DelegatingSeekableInputStream;

/** A file that was written, by our writer or by Iceberg's, and what the writer said of it. */
record WrittenFile(InputFile file, long length, Metrics metrics, List<Long> splits) {
  private static final InMemoryFileIO FILES = new InMemoryFileIO();
  private static int last;

  static synchronized OutputFile target() {
    return FILES.newOutputFile("mem/file-" + ++last + ".parquet");
  }

  static ParquetSettings settings(String... properties) {
    return ParquetSettings.of(
        map(properties), MetricsConfig.from(map(properties), null, SortOrder.unsorted()));
  }

  static Map<String, String> map(String... properties) {
    Map<String, String> map = new java.util.HashMap<>();
    for (int i = 0; i < properties.length; i += 2) {
      map.put(properties[i], properties[i + 1]);
    }
    return map;
  }

  /** Writes by our writer, in batches of {@code batch} rows. */
  static WrittenFile ours(
      Schema schema,
      List<Record> rows,
      int batch,
      ParquetSettings settings,
      BufferAllocator allocator) {
    OutputFile target = target();
    try (ParquetWriter writer = ParquetWriter.create(target, schema, settings, allocator);
        ArrowBatchBuilder builder = new ArrowBatchBuilder(schema, allocator)) {
      for (int i = 0; i < rows.size(); i += batch) {
        rows.subList(i, Math.min(rows.size(), i + batch)).forEach(builder::add);
        writer.write(builder.finish());
        builder.clear();
      }
      return finished(target, writer);
    }
  }

  /** Writes one batch in slices of {@code slice} rows. */
  static WrittenFile slices(
      Schema schema,
      VectorSchemaRoot batch,
      int slice,
      ParquetSettings settings,
      BufferAllocator allocator) {
    OutputFile target = target();
    try (ParquetWriter writer = ParquetWriter.create(target, schema, settings, allocator)) {
      for (int i = 0; i < batch.getRowCount(); i += slice) {
        writer.write(batch, i, Math.min(slice, batch.getRowCount() - i));
      }
      return finished(target, writer);
    }
  }

  static WrittenFile finished(OutputFile target, ParquetWriter writer) {
    writer.finish();
    return new WrittenFile(
        target.toInputFile(), writer.length(), writer.metrics(), writer.splitOffsets());
  }

  /** Writes by Iceberg's generic appender. */
  static WrittenFile icebergs(Schema schema, List<Record> rows, String... properties) {
    OutputFile target = target();
    try {
      FileAppender<Record> appender =
          Parquet.write(target)
              .schema(schema)
              .setAll(map(properties))
              .metricsConfig(MetricsConfig.from(map(properties), null, SortOrder.unsorted()))
              .createWriterFunc((data, type) -> GenericParquetWriter.create(data, type))
              .build();
      try (appender) {
        appender.addAll(rows);
      }
      return new WrittenFile(
          target.toInputFile(), appender.length(), appender.metrics(), appender.splitOffsets());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The rows, by Iceberg's generic reader. */
  List<Record> rows(Schema schema) {
    List<Record> rows = new ArrayList<>();
    try (CloseableIterable<Record> read =
        Parquet.read(file)
            .project(schema)
            .createReaderFunc(type -> GenericParquetReaders.buildReader(schema, type))
            .build()) {
      read.forEach(rows::add);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return rows;
  }

  ParquetMetadata footer() throws IOException {
    try (ParquetFileReader reader = reader()) {
      return reader.getFooter();
    }
  }

  ParquetFileReader reader() throws IOException {
    byte[] bytes = new byte[(int) file.getLength()];
    try (SeekableInputStream in = file.newStream()) {
      in.readNBytes(bytes, 0, bytes.length);
    }
    return ParquetFileReader.open(new HeapFile(bytes));
  }

  /** A file on the heap, as parquet-java reads it. */
  private record HeapFile(byte[] bytes) implements org.apache.parquet.io.InputFile {
    @Override
    public long getLength() {
      return bytes.length;
    }

    @Override
    public org.apache.parquet.io.SeekableInputStream newStream() {
      ByteBuffer buffer = ByteBuffer.wrap(bytes);
      return new DelegatingSeekableInputStream(new ByteBufferBackedStream(buffer)) {
        @Override
        public long getPos() {
          return buffer.position();
        }

        @Override
        public void seek(long position) {
          buffer.position((int) position);
        }
      };
    }
  }

  private static final class ByteBufferBackedStream extends InputStream {
    private final ByteBuffer buffer;

    ByteBufferBackedStream(ByteBuffer buffer) {
      this.buffer = buffer;
    }

    @Override
    public int read() {
      return buffer.hasRemaining() ? buffer.get() & 0xFF : -1;
    }

    @Override
    public int read(byte[] target, int offset, int length) {
      if (!buffer.hasRemaining()) {
        return -1;
      }
      int n = Math.min(length, buffer.remaining());
      buffer.get(target, offset, n);
      return n;
    }
  }
}
