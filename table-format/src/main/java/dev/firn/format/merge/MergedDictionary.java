package dev.firn.format.merge;

import dev.firn.format.parquet.write.BytesDictionary;
import dev.firn.format.parquet.write.FixedDictionary;
import dev.firn.format.parquet.write.ValueDictionary;
import org.apache.arrow.memory.BufferAllocator;
import org.jspecify.annotations.Nullable;

/**
 * The dictionary of a column chunk that comes out: the entries of its sources' dictionaries, in the
 * order in which they come, up to a limit. A builder. Confined to one thread. Owns its memory.
 */
final class MergedDictionary implements AutoCloseable {
  private final int width;
  private final @Nullable FixedDictionary numbers;
  private final @Nullable BytesDictionary bytes;
  private boolean full;

  MergedDictionary(int width, int limitBytes, BufferAllocator allocator) {
    this.width = width;
    boolean number = width == 4 || width == 8;
    this.numbers = number ? new FixedDictionary(width, limitBytes) : null;
    this.bytes = number ? null : new BytesDictionary(width > 0, limitBytes, allocator);
  }

  /**
   * Adds {@code count} entries encoded PLAIN; returns the id of each, or null where they do not all
   * fit, and no further ones will.
   */
  int @Nullable [] add(long entries, int length, int count) {
    if (full) {
      return null;
    }
    int[] ids = ids(entries, length, count);
    full = ids == null;
    return ids;
  }

  /** The ids of entries that were added before; null where they were not. */
  int @Nullable [] ids(long entries, int length, int count) {
    PlainEntries.check(entries, length, count, width);
    int[] ids = new int[count];
    boolean fits;
    if (numbers != null) {
      fits = numbers.add(entries, count, ids, 0);
    } else if (width > 0) {
      fits = strings().addFixed(entries, width, count, ids, 0);
    } else {
      fits = strings().addPlain(entries, entries + length, count, ids);
    }
    return fits ? ids : null;
  }

  private BytesDictionary strings() {
    if (bytes == null) {
      throw new IllegalStateException("a dictionary of numbers");
    }
    return bytes;
  }

  private ValueDictionary values() {
    return numbers != null ? numbers : strings();
  }

  int size() {
    return values().size();
  }

  long plainBytes() {
    return values().plainBytes();
  }

  void plainAll(long to) {
    values().plainAll(to);
  }

  @Override
  public void close() {
    values().close();
  }
}
