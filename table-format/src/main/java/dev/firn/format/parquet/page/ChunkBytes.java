package dev.firn.format.parquet.page;

import org.apache.arrow.memory.ArrowBuf;

/**
 * The stored bytes of a column chunk, all in memory or brought there piece by piece. Confined to
 * one thread.
 */
public interface ChunkBytes {
  /** How many there are. */
  long length();

  /**
   * Returns the address of byte {@code from}, behind which those before {@code to} follow. Valid
   * until the next call. {@code 0 <= from <= to <= length()}.
   */
  long at(long from, long to);

  /** The first address behind what {@link #at} gave last that must not be read. */
  long readableEnd();

  /**
   * Fetches bytes {@code [from, to)} again, because they are not what was written; {@link #at} is
   * to be called again. False, and nothing has changed, where that cannot help, or was done too
   * often.
   */
  default boolean fetchAgain(long from, long to) {
    return false;
  }

  /**
   * The CRC-32C of the header of page {@code page}, counted from 0, the dictionary among them; 0
   * where it is not known, as of a negative page.
   */
  default int headerSum(int page) {
    return 0;
  }

  /** {@code bytes[offset, offset + length)}, which it borrows. */
  static ChunkBytes of(ArrowBuf bytes, long offset, long length) {
    bytes.checkBytes(offset, offset + length);
    return new InMemory(bytes.memoryAddress() + offset, length, bytes);
  }

  /** All of them, one after the other. */
  record InMemory(long address, long length, ArrowBuf bytes) implements ChunkBytes {
    @Override
    public long at(long from, long to) {
      return address + from;
    }

    @Override
    public long readableEnd() {
      return bytes.memoryAddress() + bytes.capacity();
    }
  }
}
