package dev.firn.format.parquet.page;

import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.util.MemoryUtil;

/**
 * A dictionary in native memory. Behind its entries is one more for null slots, zero or empty, and
 * padding. Owns its memory.
 */
final class ChunkDictionary implements Dictionary, AutoCloseable {
  private final Scratch memory;
  private final int size;
  private final int width;
  private final int longest;
  private final long address;
  private final long[] spans;

  private ChunkDictionary(
      Scratch memory, int size, int width, int longest, long address, long[] spans) {
    this.memory = memory;
    this.size = size;
    this.width = width;
    this.longest = longest;
    this.address = address;
    this.spans = spans;
  }

  /** Decodes all of {@code values}, which are {@code size} of fixed width. */
  static ChunkDictionary fixed(FixedValues values, int size, BufferAllocator allocator) {
    Scratch memory = new Scratch(allocator);
    try {
      int width = values.width();
      long address = memory.ensure((1L << padding(size)) * width);
      values.read(size, address);
      MemoryUtil.setMemory(address + (long) size * width, width, (byte) 0);
      return new ChunkDictionary(memory, size, width, width, address, new long[0]);
    } catch (RuntimeException e) {
      memory.close();
      throw e;
    }
  }

  // the bits of an index into a power of two of entries, one more than there are or larger
  private static int padding(int size) {
    return 32 - Integer.numberOfLeadingZeros(size);
  }

  /** Copies the values of variable length in {@code [from, to)}. */
  static ChunkDictionary variable(long from, long to, int size, BufferAllocator allocator) {
    // a length stands before each, so that the size is within the bytes there are
    if ((long) size * Integer.BYTES > to - from) {
      throw new CorruptPageException(
          "the dictionary is said to have %d entries in %d bytes".formatted(size, to - from));
    }
    VarBuffers entries = new VarBuffers(allocator);
    try (entries) {
      entries.start(size, to - from);
      new PlainBytes(from, to).read(size, entries);
      return variable(entries, size, allocator);
    }
  }

  private static ChunkDictionary variable(VarBuffers entries, int size, BufferAllocator allocator) {
    long[] spans = new long[size + 1];
    int longest = 0;
    for (int i = 0; i < size; i++) {
      int length = entries.offset(i + 1) - entries.offset(i);
      spans[i] = (long) entries.offset(i) << 32 | length;
      longest = Math.max(longest, length);
    }
    spans[size] = (long) entries.bytes() << 32;
    Scratch memory = new Scratch(allocator);
    long address = memory.ensure(entries.bytes());
    MemoryUtil.copyMemory(entries.dataAddress(), address, entries.bytes());
    return new ChunkDictionary(memory, size, 0, longest, address, spans);
  }

  @Override
  public int size() {
    return size;
  }

  @Override
  public int width() {
    return width;
  }

  @Override
  public long address() {
    return address;
  }

  @Override
  public int offset(int id) {
    return width > 0 ? id * width : (int) (spans[id] >>> 32);
  }

  @Override
  public int longest() {
    return longest;
  }

  /**
   * Of each entry of variable length, and the one for null slots, the start (high half) and the
   * length (low half).
   */
  long[] spans() {
    return spans;
  }

  @Override
  public void close() {
    memory.close();
  }
}
