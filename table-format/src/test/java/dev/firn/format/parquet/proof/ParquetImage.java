package dev.firn.format.parquet.proof;

import dev.firn.format.parquet.checksum.FooterSum;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32;
import org.apache.parquet.format.ColumnMetaData;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.OffsetIndex;
import org.apache.parquet.format.PageHeader;
import org.apache.parquet.format.PageType;
import org.apache.parquet.format.RowGroup;
import org.apache.parquet.format.Util;

/**
 * A Parquet file taken apart, and put together again with its offsets, sizes and checksums right,
 * so that one lie in the middle of it reaches the code behind all the checks before. Mutable.
 */
final class ParquetImage {
  private static final byte[] MAGIC = "PAR1".getBytes(StandardCharsets.US_ASCII);

  /** A page: its header and its bytes as stored. */
  static final class Page {
    final PageHeader header;
    byte[] body;

    Page(PageHeader header, byte[] body) {
      this.header = header;
      this.body = body;
    }

    /** Gives the page other bytes, and a header that says so. */
    void replace(byte[] stored, int uncompressed) {
      body = stored;
      header.setCompressed_page_size(stored.length);
      header.setUncompressed_page_size(uncompressed);
      if (header.isSetCrc()) {
        CRC32 crc = new CRC32();
        crc.update(stored);
        header.setCrc((int) crc.getValue());
      }
    }
  }

  /** A column chunk: its pages and what belongs to them. */
  static final class Chunk {
    final ColumnMetaData meta;
    final org.apache.parquet.format.ColumnChunk column;
    final List<Page> pages = new ArrayList<>();
    byte[] columnIndex;
    OffsetIndex offsetIndex;
    byte[] bloom;

    Chunk(org.apache.parquet.format.ColumnChunk column) {
      this.column = column;
      this.meta = column.getMeta_data();
    }
  }

  /** What becomes of the parts' bytes on their way into the file. */
  interface Lies {
    Lies NONE = new Lies() {};

    default byte[] pageHeader(int page, byte[] header) {
      return header;
    }

    default byte[] columnIndex(int chunk, byte[] index) {
      return index;
    }

    default byte[] offsetIndex(int chunk, byte[] index) {
      return index;
    }

    default byte[] bloom(int chunk, byte[] bloom) {
      return bloom;
    }

    default byte[] footer(byte[] footer) {
      return footer;
    }
  }

  private final FileMetaData footer;
  private final List<Chunk> chunks = new ArrayList<>();

  private ParquetImage(FileMetaData footer) {
    this.footer = footer;
  }

  List<Chunk> chunks() {
    return chunks;
  }

  /** Pages of all chunks, in the order in which {@link Lies#pageHeader} counts them. */
  List<Page> pages() {
    return chunks.stream().flatMap(c -> c.pages.stream()).toList();
  }

  /** A file's bytes. */
  static byte[] bytes(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static ParquetImage parse(byte[] file) {
    try {
      int length = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getInt(file.length - 8);
      ParquetImage image =
          new ParquetImage(Util.readFileMetaData(at(file, file.length - 8L - length)));
      // Else every lie would be found by this sum, and nothing behind it tried.
      if (image.footer.isSetKey_value_metadata()) {
        image.footer.getKey_value_metadata().removeIf(pair -> pair.getKey().equals(FooterSum.KEY));
      }
      for (RowGroup group : image.footer.getRow_groups()) {
        for (org.apache.parquet.format.ColumnChunk column : group.getColumns()) {
          image.chunks.add(chunk(file, column));
        }
      }
      return image;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static ByteArrayInputStream at(byte[] file, long offset) {
    return new ByteArrayInputStream(file, (int) offset, file.length - (int) offset);
  }

  private static Chunk chunk(byte[] file, org.apache.parquet.format.ColumnChunk column)
      throws IOException {
    Chunk chunk = new Chunk(column);
    long start = chunk.meta.getData_page_offset();
    if (chunk.meta.isSetDictionary_page_offset() && chunk.meta.getDictionary_page_offset() > 0) {
      start = Math.min(start, chunk.meta.getDictionary_page_offset());
    }
    ByteArrayInputStream in = at(file, start);
    int end = in.available() - (int) chunk.meta.getTotal_compressed_size();
    while (in.available() > end) {
      PageHeader header = Util.readPageHeader(in);
      chunk.pages.add(new Page(header, in.readNBytes(header.getCompressed_page_size())));
    }
    if (column.isSetColumn_index_offset()) {
      int from = (int) column.getColumn_index_offset();
      chunk.columnIndex = Arrays.copyOfRange(file, from, from + column.getColumn_index_length());
    }
    if (column.isSetOffset_index_offset()) {
      chunk.offsetIndex = Util.readOffsetIndex(at(file, column.getOffset_index_offset()));
    }
    if (chunk.meta.isSetBloom_filter_offset()) {
      chunk.bloom = bloom(file, chunk.meta);
    }
    return chunk;
  }

  private static byte[] bloom(byte[] file, ColumnMetaData meta) throws IOException {
    ByteArrayInputStream in = at(file, meta.getBloom_filter_offset());
    int before = in.available();
    int bits = Util.readBloomFilterHeader(in).getNumBytes();
    int length = before - in.available() + bits;
    int from = (int) meta.getBloom_filter_offset();
    return Arrays.copyOfRange(file, from, from + length);
  }

  /** The file, every offset and size in it right but for what {@code lies} changes. */
  byte[] bytes(Lies lies) {
    try {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      out.writeBytes(MAGIC);
      int page = 0;
      for (Chunk chunk : chunks) {
        write(chunk, page, lies, out);
        page += chunk.pages.size();
      }
      for (int i = 0; i < chunks.size(); i++) {
        writeIndexes(chunks.get(i), i, lies, out);
      }
      int offset = 0;
      for (RowGroup group : footer.getRow_groups()) {
        ColumnMetaData first = group.getColumns().get(0).getMeta_data();
        group.setFile_offset(
            first.isSetDictionary_page_offset()
                ? first.getDictionary_page_offset()
                : first.getData_page_offset());
        List<Chunk> own = chunks.subList(offset, offset + group.getColumns().size());
        group.setTotal_compressed_size(
            own.stream().mapToLong(c -> c.meta.getTotal_compressed_size()).sum());
        offset += own.size();
      }
      ByteArrayOutputStream last = new ByteArrayOutputStream();
      Util.writeFileMetaData(footer, last);
      byte[] told = lies.footer(last.toByteArray());
      out.writeBytes(told);
      out.writeBytes(
          ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(told.length).array());
      out.writeBytes(MAGIC);
      return out.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void write(Chunk chunk, int first, Lies lies, ByteArrayOutputStream out)
      throws IOException {
    long start = out.size();
    long uncompressed = 0;
    int data = 0;
    chunk.meta.unsetDictionary_page_offset();
    for (int i = 0; i < chunk.pages.size(); i++) {
      Page page = chunk.pages.get(i);
      int offset = out.size();
      ByteArrayOutputStream header = new ByteArrayOutputStream();
      Util.writePageHeader(page.header, header);
      out.writeBytes(lies.pageHeader(first + i, header.toByteArray()));
      out.writeBytes(page.body);
      uncompressed += header.size() + page.header.getUncompressed_page_size();
      if (page.header.getType() == PageType.DICTIONARY_PAGE) {
        chunk.meta.setDictionary_page_offset(offset);
        continue;
      }
      if (data == 0) {
        chunk.meta.setData_page_offset(offset);
      }
      if (chunk.offsetIndex != null && data < chunk.offsetIndex.getPage_locationsSize()) {
        chunk.offsetIndex.getPage_locations().get(data).setOffset(offset);
        chunk
            .offsetIndex
            .getPage_locations()
            .get(data)
            .setCompressed_page_size(out.size() - offset);
      }
      data++;
    }
    chunk.meta.setTotal_compressed_size(out.size() - start);
    chunk.meta.setTotal_uncompressed_size(uncompressed);
  }

  private static void writeIndexes(Chunk chunk, int index, Lies lies, ByteArrayOutputStream out)
      throws IOException {
    if (chunk.bloom != null) {
      chunk.meta.setBloom_filter_offset(out.size());
      byte[] told = lies.bloom(index, chunk.bloom);
      if (chunk.meta.isSetBloom_filter_length()) {
        chunk.meta.setBloom_filter_length(told.length);
      }
      out.writeBytes(told);
    }
    if (chunk.columnIndex != null) {
      byte[] told = lies.columnIndex(index, chunk.columnIndex);
      chunk.column.setColumn_index_offset(out.size());
      chunk.column.setColumn_index_length(told.length);
      out.writeBytes(told);
    }
    if (chunk.offsetIndex != null) {
      ByteArrayOutputStream serialised = new ByteArrayOutputStream();
      Util.writeOffsetIndex(chunk.offsetIndex, serialised);
      byte[] told = lies.offsetIndex(index, serialised.toByteArray());
      chunk.column.setOffset_index_offset(out.size());
      chunk.column.setOffset_index_length(told.length);
      out.writeBytes(told);
    }
  }
}
