package dev.firn.format.merge;

import dev.firn.format.parquet.page.PageCodec;
import dev.firn.format.parquet.page.StoredPages;
import dev.firn.format.parquet.write.NativeBuffer;
import dev.firn.format.parquet.write.PageHeaders;
import dev.firn.format.parquet.write.ParquetSettings;
import java.util.zip.CRC32C;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.util.MemoryUtil;

/**
 * What one thread needs to merge chunks, whatever the column. Confined to one thread at a time.
 * Owns its memory.
 */
final class Worker implements AutoCloseable {
  final BufferAllocator allocator;
  final StoredPages pages;
  final PageCodec codec;
  final PageHeaders headers = new PageHeaders();

  /** A page that is made. */
  final NativeBuffer page;

  /** It, compressed. */
  final NativeBuffer compressed;

  /** A dictionary of a source. */
  final NativeBuffer entries;

  private final CRC32C sum = new CRC32C();
  private int[] ids = new int[1 << 14];

  Worker(ParquetSettings settings, BufferAllocator allocator) {
    this.allocator = allocator;
    this.pages = new StoredPages(allocator);
    this.codec = PageCodec.of(settings.codec(), settings.level());
    this.page = new NativeBuffer(allocator);
    this.compressed = new NativeBuffer(allocator);
    this.entries = new NativeBuffer(allocator);
  }

  /** Room for {@code count} ids, and eight more. */
  int[] ids(int count) {
    if (ids.length < count + Long.BYTES) {
      ids = new int[count + count / 2 + Long.BYTES];
    }
    return ids;
  }

  /** Compresses into {@link #compressed}, the first {@code plain} bytes as they are. */
  int compress(long from, int length, int plain) {
    return compress(from, length, plain, false);
  }

  /** As above; {@code lightly} is for pages that do not get smaller otherwise. */
  int compress(long from, int length, int plain, boolean lightly) {
    int rest = length - plain;
    int room = Math.toIntExact(codec.compressBound(rest));
    long to = compressed.ensure((long) room + plain, 0);
    MemoryUtil.copyMemory(from, to, plain);
    if (rest == 0 && plain > 0) {
      return plain;
    }
    return plain
        + (lightly
            ? codec.compressLightly(from + plain, rest, to + plain, room)
            : codec.compress(from + plain, rest, to + plain, room));
  }

  /** The CRC-32C of bytes in native memory. */
  int sum(long address, int length) {
    sum.reset();
    sum.update(MemoryUtil.directBuffer(address, length));
    return (int) sum.getValue();
  }

  /** The CRC-32C of the first {@code length} bytes. */
  int sum(byte[] bytes, int length) {
    sum.reset();
    sum.update(bytes, 0, length);
    return (int) sum.getValue();
  }

  /** The CRC-32C of {@code bytes} with those in native memory behind them. */
  int sum(byte[] bytes, int length, long address, int more) {
    sum.reset();
    sum.update(bytes, 0, length);
    sum.update(MemoryUtil.directBuffer(address, more));
    return (int) sum.getValue();
  }

  @Override
  public void close() {
    pages.close();
    codec.close();
    page.close();
    compressed.close();
    entries.close();
  }
}
