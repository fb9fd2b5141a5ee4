package dev.firn.format.merge;

import dev.firn.format.parquet.page.StoredPages;
import dev.firn.format.parquet.page.StoredPages.Kind;
import dev.firn.format.parquet.write.FinishedChunk;
import dev.firn.format.parquet.write.Hybrid;
import dev.firn.format.parquet.write.PageHeaders;
import org.apache.arrow.memory.util.MemoryUtil;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.column.statistics.SizeStatistics;
import org.apache.parquet.column.statistics.Statistics;
import org.jspecify.annotations.Nullable;

/** Makes the pages of one column chunk from those of its sources. Confined to one thread. */
final class PageMaker {
  // What a reader can hold in one array.
  private static final long LONGEST_PAGE = Integer.MAX_VALUE - 1024;

  // Of so many pages that are compressed, one is both ways, to choose the cheaper for the others.
  private static final int TRIALS = 32;

  private final Column column;
  private final Worker worker;
  private final ChunkSink sink;
  private final FinishedChunk chunk;
  private final StoredPages pages;
  private int compressions;
  private boolean lightly;

  /** What is known of a page besides its bytes. */
  record About(long rows, @Nullable Statistics<?> statistics, @Nullable SizeStatistics sizes) {}

  PageMaker(Column column, Worker worker, ChunkSink sink, FinishedChunk chunk) {
    this.column = column;
    this.worker = worker;
    this.sink = sink;
    this.chunk = chunk;
    this.pages = worker.pages;
  }

  /** The dictionary page. */
  void dictionary(MergedDictionary dictionary) {
    int length = Math.toIntExact(dictionary.plainBytes());
    dictionary.plainAll(worker.page.ensure(length, 0));
    int compressed = worker.compress(worker.page.address(), length, 0);
    long body = worker.compressed.address();
    PageHeaders headers = worker.headers;
    headers.dictionary(new PageHeaders.Sizes(dictionary.size(), length, compressed), body);
    chunk.dictionary(
        worker.sum(headers.bytes(), headers.length()),
        worker.sum(headers.bytes(), headers.length(), body, compressed),
        new FinishedChunk.Size(headers.length(), compressed, length));
    sink.write(headers.bytes(), headers.length());
    sink.write(body, compressed);
  }

  /** The current page as it is; {@code sameCodec}: compressed as it is, too. */
  void copy(About about, boolean sameCodec) {
    if (!sameCodec) {
      long content = pages.content();
      int plain = pages.kind() == Kind.DATA_V2 ? pages.levelLength() : 0;
      compressed(about, content, pages.uncompressedLength(), plain, pages.encoding());
      return;
    }
    long address = pages.address();
    int header = pages.headerLength();
    int body = pages.bodyLength();
    FinishedChunk.Size size = new FinishedChunk.Size(header, body, pages.uncompressedLength());
    if (pages.hasChecksum() && pages.namesEncoding()) {
      note(about, worker.sum(address, header), size, pages.encoding());
      sink.borrow(address, header + body);
      return;
    }
    headAgain(about, address + header, body);
    sink.borrow(address + header, body);
  }

  /** Gives the current page, whose body stays, a header with a checksum. */
  private void headAgain(About about, long body, int length) {
    PageHeaders.Sizes sizes =
        new PageHeaders.Sizes(pages.entries(), pages.uncompressedLength(), length);
    if (pages.kind() == Kind.DATA_V1) {
      worker.headers.dataV1(sizes, pages.encoding(), body);
    } else {
      PageHeaders.Levels levels =
          new PageHeaders.Levels(
              pages.storedNulls(),
              pages.storedRows(),
              pages.repetitionBytes(),
              pages.definitionBytes());
      worker.headers.dataV2(sizes, levels, pages.encoding(), pages.compressed(), body);
    }
    writeHeader(about, sizes, pages.encoding());
  }

  private void writeHeader(About about, PageHeaders.Sizes sizes, Encoding encoding) {
    byte[] header = worker.headers.bytes();
    int length = worker.headers.length();
    note(
        about,
        worker.sum(header, length),
        new FinishedChunk.Size(length, sizes.compressed(), sizes.uncompressed()),
        encoding);
    sink.write(header, length);
  }

  private void note(About about, int headerSum, FinishedChunk.Size size, Encoding encoding) {
    chunk.page(
        new FinishedChunk.Page(
            headerSum,
            size,
            pages.entries(),
            about.rows(),
            encoding,
            pages.kind() == Kind.DATA_V2,
            about.statistics(),
            about.sizes()));
  }

  /** The current page with other dictionary indices, of {@code width} bits. */
  void ids(About about, int[] ids, int count, int width) {
    int levels = pages.levelLength();
    long from = pages.content();
    long to = worker.page.ensure(levels + 1 + Hybrid.bound(count, width), 0);
    MemoryUtil.copyMemory(from, to, levels);
    MemoryUtil.putByte(to + levels, (byte) width);
    long end = Hybrid.encode(ids, count, width, to + levels + 1);
    int length = (int) (end - to);
    compressed(about, to, length, versionLevels(), Encoding.RLE_DICTIONARY);
  }

  /**
   * The current page with the values that its dictionary indices stand for, which are in {@code
   * worker.entries}, of {@code width} bytes, or, if that is 0, from {@code starts} on.
   */
  void plain(About about, int[] ids, int count, int width, int @Nullable [] starts) {
    int levels = pages.levelLength();
    long bytes = levels;
    for (int i = 0; i < count; i++) {
      bytes += starts == null ? width : starts[ids[i] + 1] - starts[ids[i]];
    }
    if (bytes > LONGEST_PAGE) {
      throw new RefusedException(
          "a page of column %s is too long without its dictionary".formatted(column.name()));
    }
    long to = worker.page.ensure(bytes, 0);
    MemoryUtil.copyMemory(pages.content(), to, levels);
    long entries = worker.entries.address();
    long at = to + levels;
    for (int i = 0; i < count; i++) {
      long start = starts == null ? (long) ids[i] * width : starts[ids[i]];
      int length = starts == null ? width : starts[ids[i] + 1] - starts[ids[i]];
      copy(entries + start, at, length);
      at += length;
    }
    compressed(about, to, (int) bytes, versionLevels(), Encoding.PLAIN);
  }

  private static void copy(long from, long to, int length) {
    switch (length) {
      case Long.BYTES -> MemoryUtil.putLong(to, MemoryUtil.getLong(from));
      case Integer.BYTES -> MemoryUtil.putInt(to, MemoryUtil.getInt(from));
      default -> MemoryUtil.copyMemory(from, to, length);
    }
  }

  /** Bytes of levels that are not compressed. */
  private int versionLevels() {
    return pages.kind() == Kind.DATA_V2 ? pages.levelLength() : 0;
  }

  private void compressed(About about, long from, int length, int plain, Encoding encoding) {
    if (compressions++ % TRIALS == 0) {
      int most = worker.compress(from, length, plain);
      lightly = worker.compress(from, length, plain, true) <= most;
    }
    int compressed = worker.compress(from, length, plain, lightly);
    long body = worker.compressed.address();
    PageHeaders.Sizes sizes = new PageHeaders.Sizes(pages.entries(), length, compressed);
    if (pages.kind() == Kind.DATA_V1) {
      worker.headers.dataV1(sizes, encoding, body);
    } else {
      int nulls = pages.entries() - pages.values();
      PageHeaders.Levels levels =
          new PageHeaders.Levels(
              nulls,
              Math.toIntExact(about.rows()),
              pages.repetitionBytes(),
              pages.definitionBytes());
      worker.headers.dataV2(sizes, levels, encoding, compressed > plain, body);
    }
    writeHeader(about, sizes, encoding);
    sink.write(body, compressed);
  }

  /** A page of version 1 that no source has. */
  void made(FinishedChunk.Page page, byte[] header, int headerLength, long body, int length) {
    chunk.page(page);
    sink.write(header, headerLength);
    sink.write(body, length);
  }

  Worker worker() {
    return worker;
  }
}
