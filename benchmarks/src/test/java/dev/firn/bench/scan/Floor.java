package dev.firn.bench.scan;

import com.github.luben.zstd.ZstdDecompressCtx;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.parquet.format.ColumnChunk;
import org.apache.parquet.format.ColumnMetaData;
import org.apache.parquet.format.CompressionCodec;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.PageHeader;
import org.apache.parquet.format.PageType;
import org.apache.parquet.format.RowGroup;
import org.apache.parquet.format.Util;
import org.xerial.snappy.Snappy;

/**
 * The floor under every reader: the pages of files read one by one and decompressed into one direct
 * buffer, with one reused context, and nothing done with them. Where the pages are is known before.
 * Confined to one thread.
 */
final class Floor implements AutoCloseable {
  private static final int MAGIC_AND_LENGTH = 8;

  /** A compressed page body. */
  private record Page(long offset, int compressed, int uncompressed) {}

  /** The pages of a file, all of one codec. */
  private record Pages(FileChannel file, CompressionCodec codec, List<Page> pages) {}

  private final List<Pages> files = new ArrayList<>();
  private final ByteBuffer source;
  private final ByteBuffer target;
  private final long expectedBytes;

  private Floor(List<Pages> files) {
    this.files.addAll(files);
    List<Page> pages = files.stream().flatMap(file -> file.pages().stream()).toList();
    this.source = direct(pages.stream().mapToInt(Page::compressed).max().orElse(0));
    this.target = direct(pages.stream().mapToInt(Page::uncompressed).max().orElse(0));
    this.expectedBytes = pages.stream().mapToLong(Page::uncompressed).sum();
  }

  private static ByteBuffer direct(int bytes) {
    return ByteBuffer.allocateDirect(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  static Floor open(List<Path> files) throws IOException {
    List<Pages> opened = new ArrayList<>();
    for (Path file : files) {
      opened.add(pages(FileChannel.open(file)));
    }
    return new Floor(opened);
  }

  /** Decompresses everything; whether that yielded as many bytes as the page headers promise. */
  boolean run() throws IOException {
    long bytes = 0;
    try (ZstdDecompressCtx zstd = new ZstdDecompressCtx()) {
      for (Pages file : files) {
        for (Page page : file.pages()) {
          read(file.file(), page);
          bytes +=
              file.codec() == CompressionCodec.ZSTD
                  ? zstd.decompressDirectByteBuffer(
                      target, 0, page.uncompressed(), source, 0, page.compressed())
                  : Snappy.uncompress(source, target.clear());
        }
      }
    }
    return bytes == expectedBytes;
  }

  private void read(FileChannel file, Page page) throws IOException {
    read(file, page.offset(), source.clear().limit(page.compressed()));
    source.flip();
  }

  private static void read(FileChannel file, long from, ByteBuffer into) throws IOException {
    long position = from;
    while (into.hasRemaining()) {
      int count = file.read(into, position);
      if (count < 0) {
        throw new IOException("the file ends early, at " + position);
      }
      position += count;
    }
  }

  private static Pages pages(FileChannel file) throws IOException {
    FileMetaData footer = footer(file);
    List<Page> pages = new ArrayList<>();
    CompressionCodec codec = null;
    for (RowGroup group : footer.getRow_groups()) {
      for (ColumnChunk chunk : group.getColumns()) {
        codec = chunk.getMeta_data().getCodec();
        addPages(file, chunk.getMeta_data(), pages);
      }
    }
    if (codec != CompressionCodec.ZSTD && codec != CompressionCodec.SNAPPY) {
      throw new IllegalArgumentException("no floor for codec " + codec);
    }
    return new Pages(file, codec, pages);
  }

  private static FileMetaData footer(FileChannel file) throws IOException {
    ByteBuffer tail = ByteBuffer.allocate(MAGIC_AND_LENGTH).order(ByteOrder.LITTLE_ENDIAN);
    read(file, file.size() - MAGIC_AND_LENGTH, tail);
    ByteBuffer footer = ByteBuffer.allocate(tail.getInt(0));
    read(file, file.size() - MAGIC_AND_LENGTH - footer.capacity(), footer);
    return Util.readFileMetaData(new ByteArrayInputStream(footer.array()));
  }

  private static void addPages(FileChannel file, ColumnMetaData chunk, List<Page> pages)
      throws IOException {
    long start =
        chunk.isSetDictionary_page_offset() && chunk.getDictionary_page_offset() > 0
            ? chunk.getDictionary_page_offset()
            : chunk.getData_page_offset();
    ByteBuffer bytes = ByteBuffer.allocate((int) chunk.getTotal_compressed_size());
    read(file, start, bytes);
    ByteArrayInputStream in = new ByteArrayInputStream(bytes.array());
    while (in.available() > 0) {
      PageHeader header = Util.readPageHeader(in);
      if (header.getType() == PageType.DATA_PAGE_V2) {
        throw new IllegalArgumentException("no floor for pages of version 2");
      }
      long offset = start + bytes.capacity() - in.available();
      pages.add(
          new Page(offset, header.getCompressed_page_size(), header.getUncompressed_page_size()));
      in.skipNBytes(header.getCompressed_page_size());
    }
  }

  @Override
  public void close() throws IOException {
    for (Pages file : files) {
      file.file().close();
    }
  }
}
