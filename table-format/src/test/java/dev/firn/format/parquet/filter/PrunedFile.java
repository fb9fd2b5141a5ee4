package dev.firn.format.parquet.filter;

import dev.firn.storage.RangeReader;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.data.parquet.GenericParquetWriter;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.inmemory.InMemoryOutputFile;
import org.apache.iceberg.io.FileAppender;
import org.apache.iceberg.parquet.Parquet;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.format.Util;
import org.apache.parquet.format.converter.ParquetMetadataConverter;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ParquetMetadata;

/** A Parquet file in memory, its footer, and what was read of it. */
final class PrunedFile implements RangeReader {
  private final ByteBuffer bytes;
  private final ParquetMetadata footer;
  private int reads;

  PrunedFile(byte[] bytes) {
    this.bytes = ByteBuffer.wrap(bytes);
    int footerLength = Integer.reverseBytes(this.bytes.getInt(bytes.length - 8));
    try {
      footer =
          new ParquetMetadataConverter()
              .fromParquetMetadata(
                  Util.readFileMetaData(
                      new ByteArrayInputStream(
                          bytes, bytes.length - 8 - footerLength, footerLength),
                      1 << 20));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Small row groups and pages, as Iceberg's generic writer makes them with further properties. */
  static PrunedFile write(Schema schema, List<Record> rows, Map<String, String> properties) {
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
    return new PrunedFile(file.toByteArray());
  }

  /** Properties for row groups of {@code groupRows} rows, of one page each. */
  static Map<String, String> small(int groupRows) {
    return pages(1, groupRows);
  }

  /** Properties for pages of {@code pageRows}, and row groups once they take {@code groupBytes}. */
  static Map<String, String> pages(int groupBytes, int pageRows) {
    Map<String, String> properties = new HashMap<>();
    properties.put("write.parquet.row-group-size-bytes", "" + groupBytes);
    properties.put("write.parquet.row-group-check-min-record-count", "" + pageRows);
    properties.put("write.parquet.row-group-check-max-record-count", "" + pageRows);
    properties.put("write.parquet.page-row-limit", "" + pageRows);
    return properties;
  }

  byte[] bytes() {
    return bytes.array();
  }

  List<BlockMetaData> groups() {
    return footer.getBlocks();
  }

  /** The file's columns by field id. */
  Map<Integer, ColumnDescriptor> columns() {
    Map<Integer, ColumnDescriptor> columns = new HashMap<>();
    for (ColumnDescriptor column : footer.getFileMetaData().getSchema().getColumns()) {
      if (column.getPrimitiveType().getId() != null) {
        columns.put(column.getPrimitiveType().getId().intValue(), column);
      }
    }
    return columns;
  }

  /** The rows of each row group that may match. */
  List<RowRanges> mayMatch(
      Schema schema, Expression filter, RowGroupPruner.Means means, BufferAllocator allocator) {
    RowGroupPruner pruner = new RowGroupPruner(schema, filter, columns(), means);
    List<RowRanges> ranges = new ArrayList<>();
    for (int i = 0; i < groups().size(); i++) {
      ranges.add(pruner.mayMatch("mem:file.parquet", i, groups().get(i), this, allocator));
    }
    return ranges;
  }

  /** How often something was read. */
  int reads() {
    return reads;
  }

  @Override
  public long length() {
    return bytes.capacity();
  }

  @Override
  public void readFully(long position, ByteBuffer target) throws IOException {
    reads++;
    if (position < 0 || position + target.remaining() > bytes.capacity()) {
      throw new EOFException("past the end");
    }
    target.put(bytes.slice((int) position, target.remaining()));
  }

  @Override
  public void close() {}
}
