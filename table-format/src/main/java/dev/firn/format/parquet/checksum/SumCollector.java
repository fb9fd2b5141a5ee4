package dev.firn.format.parquet.checksum;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.internal.hadoop.metadata.IndexReference;
import org.jspecify.annotations.Nullable;

/**
 * Collects the checksums of a file while it is written, chunk by chunk, page by page. Confined to
 * one thread.
 */
public final class SumCollector {
  private static final class Chunk {
    private int[] headers = new int[4];
    private int pages;
    private int dictionary;
  }

  /** What stands behind the pages of the file, and where it starts. */
  private static final class Tail {
    private final byte[] bytes;
    private final long start;

    Tail(byte[] bytes, long start) {
      this.bytes = bytes;
      this.start = start;
    }

    int sum(@Nullable IndexReference at) {
      return at == null ? 0 : sum(at.getOffset(), at.getLength());
    }

    int sum(long offset, int length) {
      if (offset < start || length <= 0 || offset - start > bytes.length - length) {
        return 0;
      }
      CRC32C sum = new CRC32C();
      sum.update(bytes, (int) (offset - start), length);
      return (int) sum.getValue();
    }
  }

  private final List<Chunk> chunks = new ArrayList<>();
  private final CRC32C sum = new CRC32C();
  private long bytes;

  /** Starts the next column chunk. */
  public void chunk() {
    chunks.add(new Chunk());
    bytes += FileSums.CHUNK_BYTES;
  }

  /** Adds a page by its header; {@code length} is 0 where the header is not known. */
  public void page(byte[] header, int length) {
    add(length == 0 ? 0 : sum(header, length));
  }

  /** Adds the chunk's dictionary page, likewise, which is its first. */
  public void dictionary(byte[] header, int length, byte[] body, int bodyLength) {
    page(header, length);
    if (length > 0) {
      sum.update(body, 0, bodyLength);
      last().dictionary = (int) sum.getValue();
    }
  }

  /** Adds a page by the sum of its header. */
  public void page(int headerSum) {
    add(headerSum);
  }

  /** Adds the chunk's dictionary page, which is its first, by the sums of its header and body. */
  public void dictionary(int headerSum, int bodySum) {
    add(headerSum);
    last().dictionary = bodySum;
  }

  private int sum(byte[] header, int length) {
    sum.reset();
    sum.update(header, 0, length);
    return (int) sum.getValue();
  }

  private void add(int header) {
    Chunk chunk = last();
    if (chunk.pages == chunk.headers.length) {
      chunk.headers = Arrays.copyOf(chunk.headers, 2 * chunk.pages);
    }
    chunk.headers[chunk.pages++] = header;
    bytes += Integer.BYTES;
  }

  private Chunk last() {
    return chunks.get(chunks.size() - 1);
  }

  /** The length of the section so far. */
  public long bytes() {
    return bytes;
  }

  /**
   * Returns the end of the file, its section and its sums added.
   *
   * @param end all that stands behind the last page, up to the end of the file
   * @param start where that starts in the file
   * @param footerLength of the footer in it, which has {@link FooterSum#PLACEHOLDER}
   */
  public byte[] seal(List<BlockMetaData> groups, byte[] end, long start, int footerLength) {
    byte[] section = section(groups, new Tail(end, start));
    int footerAt = end.length - FileSums.TRAILER - footerLength;
    byte[] footer = Arrays.copyOfRange(end, footerAt, footerAt + footerLength);
    FooterSum.seal(footer, start + footerAt + section.length, section);
    ByteBuffer sealed = ByteBuffer.allocate(end.length + section.length);
    sealed.put(end, 0, footerAt).put(section).put(footer);
    sealed.put(end, end.length - FileSums.TRAILER, FileSums.TRAILER);
    return sealed.array();
  }

  private byte[] section(List<BlockMetaData> groups, Tail tail) {
    ByteBuffer section = ByteBuffer.allocate(Math.toIntExact(bytes)).order(ByteOrder.LITTLE_ENDIAN);
    int next = 0;
    for (BlockMetaData group : groups) {
      for (ColumnChunkMetaData meta : group.getColumns()) {
        Chunk chunk = chunks.get(next++);
        section.putInt(tail.sum(meta.getColumnIndexReference()));
        section.putInt(tail.sum(meta.getOffsetIndexReference()));
        section.putInt(tail.sum(meta.getBloomFilterOffset(), meta.getBloomFilterLength()));
        section.putInt(chunk.dictionary);
        section.putInt(chunk.pages);
        for (int i = 0; i < chunk.pages; i++) {
          section.putInt(chunk.headers[i]);
        }
      }
    }
    return section.array();
  }
}
