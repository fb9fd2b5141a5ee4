package dev.firn.format.parquet.write;

import dev.firn.error.FirnException;
import dev.firn.format.parquet.checksum.FooterSum;
import dev.firn.format.parquet.checksum.SumCollector;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.arrow.memory.util.MemoryUtil;
import org.apache.iceberg.FieldMetrics;
import org.apache.iceberg.Metrics;
import org.apache.iceberg.Schema;
import org.apache.iceberg.SchemaParser;
import org.apache.iceberg.io.OutputFile;
import org.apache.iceberg.parquet.ParquetUtil;
import org.apache.parquet.Version;
import org.apache.parquet.bytes.BytesUtils;
import org.apache.parquet.column.values.bloomfilter.BloomFilter;
import org.apache.parquet.format.Util;
import org.apache.parquet.format.converter.ParquetMetadataConverter;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.hadoop.metadata.FileMetaData;
import org.apache.parquet.hadoop.metadata.ParquetMetadata;
import org.apache.parquet.internal.hadoop.metadata.IndexReference;
import org.apache.parquet.io.PositionOutputStream;
import org.apache.parquet.schema.MessageType;

/**
 * A Parquet file made of finished pages: column chunk by column chunk, in the order of its columns.
 * Confined to one thread at a time. Owns the file until {@link #finish()}; closing it before that
 * abandons the file, which the caller removes.
 *
 * <p>Any failure leaves it failed: it can only be closed.
 */
public final class PageFile implements AutoCloseable {
  private static final byte[] MAGIC = "PAR1".getBytes(StandardCharsets.US_ASCII);
  private static final int PIECE = 64 << 10;
  private static final int FORMAT_VERSION = 1;

  private final String location;
  private final Schema schema;
  private final ParquetSettings settings;
  private final MessageType type;
  private final FileOutput output;
  private final PositionOutputStream out;
  private final SumCollector sums = new SumCollector();
  private final byte[] piece = new byte[PIECE];
  private final List<BlockMetaData> groups = new ArrayList<>();
  private final List<FinishedChunk> chunks = new ArrayList<>();
  private BlockMetaData group = new BlockMetaData();
  private long rows;
  private boolean finished;
  private boolean closed;

  private PageFile(OutputFile target, Schema schema, ParquetSettings settings, MessageType type)
      throws IOException {
    this.location = target.location();
    this.schema = schema;
    this.settings = settings;
    this.type = type;
    this.output = new FileOutput(target);
    this.out = output.create(0);
    out.write(MAGIC);
  }

  /** Creates the file. A type that Parquet files cannot hold is {@code INVALID}. */
  public static PageFile create(OutputFile file, Schema schema, ParquetSettings settings) {
    MessageType type = FileSchema.of(schema, file.location());
    try {
      return new PageFile(file, schema, settings, type);
    } catch (IOException | UncheckedIOException e) {
      throw unavailable("write", file.location(), e);
    }
  }

  /** The columns of files of {@code schema}, as Parquet has them. */
  public static MessageType type(Schema schema) {
    return FileSchema.of(schema, "");
  }

  /** Bytes written so far. */
  public long position() {
    return output.position();
  }

  /** About what indexes and footer will take. */
  public long footerEstimate() {
    long bytes = sums.bytes();
    for (FinishedChunk chunk : chunks) {
      bytes += chunk.footerBytes();
    }
    return bytes;
  }

  /** Appends bytes of the column chunk that is being written. */
  public void write(byte[] bytes, int length) {
    attempt(() -> out.write(bytes, 0, length));
  }

  /** As above, of native memory. */
  public void write(long address, long length) {
    attempt(
        () -> {
          for (long done = 0; done < length; ) {
            int count = (int) Math.min(PIECE, length - done);
            MemoryUtil.copyFromMemory(address + done, piece, 0, count);
            out.write(piece, 0, count);
            done += count;
          }
        });
  }

  /** Ends a column chunk, all of whose bytes were written; it started at {@code start}. */
  public void endChunk(FinishedChunk chunk, long start) {
    sums.chunk();
    chunk.sums(sums);
    ColumnChunkMetaData meta = chunk.meta(start);
    group.addColumn(meta);
    group.setTotalByteSize(group.getTotalByteSize() + meta.getTotalUncompressedSize());
    chunks.add(chunk);
  }

  /** Ends a row group, all of whose columns were written. */
  public void endGroup(long rowCount) {
    group.setRowCount(rowCount);
    group.setOrdinal(groups.size());
    groups.add(group);
    group = new BlockMetaData();
    rows += rowCount;
  }

  /** Rows of the row groups so far. */
  public long rows() {
    return rows;
  }

  /** Writes indexes and footer and closes the file, durably as its store does. */
  public void finish() {
    attempt(
        () -> {
          output.hold();
          long start = output.position();
          indexes();
          footer();
          byte[] end = output.held();
          output.finish(sums.seal(groups, end, start, footerLength(end)));
        });
    finished = true;
  }

  private static int footerLength(byte[] end) {
    int length = 0;
    for (int i = 0; i < Integer.BYTES; i++) {
      length |= (end[end.length - 8 + i] & 0xff) << 8 * i;
    }
    return length;
  }

  private void indexes() throws IOException {
    List<ColumnChunkMetaData> metas = metas();
    for (int i = 0; i < metas.size(); i++) {
      var index =
          ParquetMetadataConverter.toParquetColumnIndex(
              metas.get(i).getPrimitiveType(), chunks.get(i).columnIndex());
      if (index != null) {
        metas.get(i).setColumnIndexReference(written(to -> Util.writeColumnIndex(index, to)));
      }
    }
    for (int i = 0; i < metas.size(); i++) {
      var index =
          ParquetMetadataConverter.toParquetOffsetIndex(
              chunks.get(i).offsetIndex(metas.get(i).getFirstDataPageOffset()));
      metas.get(i).setOffsetIndexReference(written(to -> Util.writeOffsetIndex(index, to)));
    }
    for (int i = 0; i < metas.size(); i++) {
      BloomFilter filter = chunks.get(i).bloomFilter();
      if (filter != null) {
        bloomFilter(metas.get(i), filter);
      }
    }
  }

  private void bloomFilter(ColumnChunkMetaData meta, BloomFilter filter) throws IOException {
    IndexReference at =
        written(
            to -> {
              Util.writeBloomFilterHeader(ParquetMetadataConverter.toBloomFilterHeader(filter), to);
              ByteArrayOutputStream bits = new ByteArrayOutputStream();
              filter.writeTo(bits);
              bits.writeTo(to);
            });
    meta.setBloomFilterOffset(at.getOffset());
    meta.setBloomFilterLength(at.getLength());
  }

  private List<ColumnChunkMetaData> metas() {
    return groups.stream().flatMap(each -> each.getColumns().stream()).toList();
  }

  private interface Part {
    void writeTo(OutputStream to) throws IOException;
  }

  private IndexReference written(Part part) throws IOException {
    long from = output.position();
    part.writeTo(out);
    return new IndexReference(from, Math.toIntExact(output.position() - from));
  }

  private void footer() throws IOException {
    long from = output.position();
    Util.writeFileMetaData(
        new ParquetMetadataConverter().toParquetMetadata(FORMAT_VERSION, metadata()), out);
    BytesUtils.writeIntLittleEndian(out, Math.toIntExact(output.position() - from));
    out.write(MAGIC);
  }

  private ParquetMetadata metadata() {
    Map<String, String> entries = new HashMap<>(settings.extra());
    entries.put(ParquetWriter.ICEBERG_SCHEMA, SchemaParser.toJson(schema));
    entries.put(FooterSum.KEY, FooterSum.PLACEHOLDER);
    return new ParquetMetadata(new FileMetaData(type, entries, Version.FULL_VERSION), groups);
  }

  private interface Action {
    void run() throws IOException;
  }

  private void attempt(Action action) {
    if (finished || closed) {
      throw new IllegalStateException("the Parquet file is finished or closed: " + location);
    }
    try {
      action.run();
    } catch (IOException | UncheckedIOException e) {
      throw unavailable("write", location, e);
    }
  }

  private static FirnException unavailable(String verb, String location, Exception cause) {
    return ParquetWriter.unavailable(verb, location, cause);
  }

  /**
   * Iceberg's metrics of the finished file; {@code measured} are those of float and double columns.
   */
  public Metrics metrics(List<FieldMetrics<?>> measured) {
    return FileMetrics.of(schema, metadata(), measured, settings.metrics());
  }

  /** Where row groups start, of the finished file. */
  public List<Long> splitOffsets() {
    return ParquetUtil.getSplitOffsets(metadata());
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    try {
      output.abandon();
    } catch (IOException | UncheckedIOException e) {
      throw unavailable("close", location, e);
    }
  }
}
