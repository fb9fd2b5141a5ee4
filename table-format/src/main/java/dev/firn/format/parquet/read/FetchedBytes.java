package dev.firn.format.parquet.read;

import dev.firn.format.parquet.page.ChunkBytes;
import org.apache.arrow.memory.ArrowBuf;

/**
 * A column chunk that was fetched, all of it or the pages that are needed, and can be fetched
 * again. Confined to one thread at a time. Borrows the memory.
 */
final class FetchedBytes implements ChunkBytes {
  private final SourceFile file;
  private final ArrowBuf bytes;

  /** Where the chunk starts in {@link #bytes}. */
  private final long base;

  /** Where it starts in the file. */
  private final long position;

  private final long length;
  private final int[] headerSums;
  private int rereads;

  FetchedBytes(
      SourceFile file, ArrowBuf bytes, long base, long position, long length, int[] headerSums) {
    bytes.checkBytes(base, base + length);
    this.file = file;
    this.bytes = bytes;
    this.base = base;
    this.position = position;
    this.length = length;
    this.headerSums = headerSums;
  }

  @Override
  public long length() {
    return length;
  }

  @Override
  public long at(long from, long to) {
    return bytes.memoryAddress() + base + from;
  }

  @Override
  public long readableEnd() {
    return bytes.memoryAddress() + bytes.capacity();
  }

  @Override
  public boolean fetchAgain(long from, long to) {
    if (file.isLocal() || rereads == SourceFile.REREADS) {
      return false;
    }
    rereads++;
    file.readAgain("a page", position + from, to - from, bytes, base + from);
    return true;
  }

  @Override
  public int headerSum(int page) {
    return page >= 0 && page < headerSums.length ? headerSums[page] : 0;
  }
}
