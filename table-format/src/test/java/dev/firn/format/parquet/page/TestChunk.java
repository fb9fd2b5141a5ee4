package dev.firn.format.parquet.page;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.format.DataPageHeader;
import org.apache.parquet.format.DataPageHeaderV2;
import org.apache.parquet.format.DictionaryPageHeader;
import org.apache.parquet.format.Encoding;
import org.apache.parquet.format.PageHeader;
import org.apache.parquet.format.PageType;
import org.apache.parquet.format.Statistics;
import org.apache.parquet.format.Util;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;

/** Builds the bytes of a column chunk, page by page, with headers written by parquet-java. */
final class TestChunk {
  static final String FILE = "s3://bucket/data.parquet";
  static final long START = 1000;

  private final ColumnDescriptor column;
  private final CompressionCodecName codec;
  private final boolean checksums;
  private final BufferAllocator allocator;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final List<Long> offsets = new ArrayList<>();
  private long values;
  private long uncompressed;

  TestChunk(
      ColumnDescriptor column,
      CompressionCodecName codec,
      boolean checksums,
      BufferAllocator allocator) {
    this.column = column;
    this.codec = codec;
    this.checksums = checksums;
    this.allocator = allocator;
  }

  TestChunk dictionary(byte[] entries, int size) {
    PageHeader header = new PageHeader(PageType.DICTIONARY_PAGE, entries.length, 0);
    header.setDictionary_page_header(new DictionaryPageHeader(size, Encoding.PLAIN));
    return page(header, new byte[0], entries, true);
  }

  /** {@code levels} are the sections as they stand in the page, lengths included. */
  TestChunk pageV1(int entries, byte[] levels, byte[] encoded, Encoding encoding) {
    byte[] content = concat(levels, encoded);
    PageHeader header = new PageHeader(PageType.DATA_PAGE, content.length, 0);
    DataPageHeader details = new DataPageHeader(entries, encoding, Encoding.RLE, Encoding.RLE);
    details.setStatistics(new Statistics().setMin_value(new byte[200]).setNull_count(5));
    header.setData_page_header(details);
    return data(entries, header, new byte[0], content, true);
  }

  TestChunk pageV2(
      int entries,
      int nulls,
      byte[] repetition,
      byte[] definition,
      byte[] encoded,
      Encoding encoding) {
    byte[] levels = concat(repetition, definition);
    PageHeader header = new PageHeader(PageType.DATA_PAGE_V2, levels.length + encoded.length, 0);
    DataPageHeaderV2 details =
        new DataPageHeaderV2(
            entries, nulls, entries, encoding, definition.length, repetition.length);
    boolean compressed = entries % 2 == 0;
    details.setIs_compressed(compressed);
    header.setData_page_header_v2(details);
    return data(entries, header, levels, encoded, compressed);
  }

  TestChunk indexPage() {
    PageHeader header = new PageHeader(PageType.INDEX_PAGE, 3, 0);
    return page(header, new byte[] {1, 2, 3}, new byte[0], false);
  }

  TestChunk raw(PageHeader header, byte[] body) {
    write(header, body);
    return this;
  }

  private TestChunk data(
      int entries, PageHeader header, byte[] levels, byte[] content, boolean compressed) {
    offsets.add(START + out.size());
    values += entries;
    return page(header, levels, content, compressed);
  }

  private TestChunk page(PageHeader header, byte[] plain, byte[] content, boolean compressed) {
    byte[] body = concat(plain, compressed ? compress(content) : content);
    header.setCompressed_page_size(body.length);
    if (checksums) {
      CRC32 crc = new CRC32();
      crc.update(body);
      header.setCrc((int) crc.getValue());
    }
    write(header, body);
    return this;
  }

  private void write(PageHeader header, byte[] body) {
    try {
      int before = out.size();
      Util.writePageHeader(header, out);
      uncompressed += out.size() - before + header.getUncompressed_page_size();
      out.write(body);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private byte[] compress(byte[] content) {
    if (content.length == 0) {
      return content;
    }
    try (PageCodec used = PageCodec.of(codec, null)) {
      int bound = (int) used.compressBound(content.length);
      try (ArrowBuf from = allocator.buffer(content.length);
          ArrowBuf to = allocator.buffer(bound)) {
        from.setBytes(0, content);
        int length = used.compress(from.memoryAddress(), content.length, to.memoryAddress(), bound);
        byte[] compressed = new byte[length];
        to.getBytes(0, compressed);
        return compressed;
      }
    }
  }

  List<Long> offsets() {
    return offsets;
  }

  byte[] bytes() {
    return out.toByteArray();
  }

  ChunkSpec spec(Conversion conversion) {
    return new ChunkSpec(FILE, 3, column, codec, values, uncompressed, START, conversion);
  }

  static byte[] concat(byte[] first, byte[] second) {
    return ByteBuffer.allocate(first.length + second.length).put(first).put(second).array();
  }

  static byte[] withLength(byte[] section) {
    return ByteBuffer.allocate(4 + section.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt(section.length)
        .put(section)
        .array();
  }
}
