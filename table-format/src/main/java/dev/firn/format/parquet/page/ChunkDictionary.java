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
  private final int[] offsets;

  private ChunkDictionary(
      Scratch memory, int size, int width, int longest, long address, int[] offsets) {
    this.memory = memory;
    this.size = size;
    this.width = width;
    this.longest = longest;
    this.address = address;
    this.offsets = offsets;
  }

  /** Decodes all of {@code values}, which are {@code size} of fixed width. */
  static ChunkDictionary fixed(FixedValues values, int size, BufferAllocator allocator) {
    Scratch memory = new Scratch(allocator);
    try {
      int width = values.width();
      long address = memory.ensure((size + 1L) * width);
      values.read(size, address);
      MemoryUtil.setMemory(address + (long) size * width, width, (byte) 0);
      return new ChunkDictionary(memory, size, width, width, address, new int[0]);
    } catch (RuntimeException e) {
      memory.close();
      throw e;
    }
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
    int[] offsets = new int[size + 2];
    int longest = 0;
    for (int i = 0; i <= size; i++) {
      offsets[i] = entries.offset(i);
      longest = Math.max(longest, i == 0 ? 0 : offsets[i] - offsets[i - 1]);
    }
    offsets[size + 1] = offsets[size];
    Scratch memory = new Scratch(allocator);
    long address = memory.ensure(entries.bytes());
    MemoryUtil.copyMemory(entries.dataAddress(), address, entries.bytes());
    return new ChunkDictionary(memory, size, 0, longest, address, offsets);
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
    return width > 0 ? id * width : offsets[id];
  }

  @Override
  public int longest() {
    return longest;
  }

  /** Where each entry of variable length starts, with the one for null slots and its end. */
  int[] offsets() {
    return offsets;
  }

  @Override
  public void close() {
    memory.close();
  }
}
