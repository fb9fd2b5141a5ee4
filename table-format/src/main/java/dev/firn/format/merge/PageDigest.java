package dev.firn.format.merge;

import dev.firn.format.parquet.page.StoredPages;
import dev.firn.format.parquet.write.XxHash64;
import org.apache.arrow.memory.util.MemoryUtil;

/**
 * What a data page holds, as one number: of a page of a source, and of the page that came of it.
 * Stateless.
 */
final class PageDigest {
  private static final long FACTOR = 0x9E3779B185EBCA87L;

  /** Which digest two pages are compared by. */
  enum Kind {
    /** The bytes as they are stored. */
    STORED,
    /** The bytes, decompressed. */
    CONTENT,
    /** Levels, and values one by one, however they are encoded. */
    VALUES,
    /** Whole numbers, none of which is absent. */
    NUMBERS
  }

  private PageDigest() {}

  static long stored(StoredPages page) {
    long body = page.address() + page.headerLength();
    return of(page, XxHash64.hash(body, page.bodyLength()));
  }

  static long content(StoredPages page) {
    return of(page, XxHash64.hash(page.content(), page.uncompressedLength()));
  }

  /** With what its header says of the bytes. */
  private static long of(StoredPages page, long bytes) {
    long facts = page.entries() * FACTOR + page.uncompressedLength();
    facts = facts * FACTOR + page.encoding().name().hashCode();
    facts = facts * FACTOR + page.repetitionBytes();
    facts = facts * FACTOR + page.definitionBytes();
    return mix(facts) ^ bytes;
  }

  /** Of a page of {@code count} dictionary indices, each entry by its hash. */
  static long values(StoredPages page, int[] ids, int count, long[] entries) {
    // Four sums, since each step waits for the one before it.
    long a = levels(page);
    long b = 0;
    long c = 0;
    long d = 0;
    int i = 0;
    for (; i + 3 < count; i += 4) {
      a = a * FACTOR + entries[ids[i]];
      b = b * FACTOR + entries[ids[i + 1]];
      c = c * FACTOR + entries[ids[i + 2]];
      d = d * FACTOR + entries[ids[i + 3]];
    }
    for (; i < count; i++) {
      a = a * FACTOR + entries[ids[i]];
    }
    return mix(mix(mix(mix(a) + b) + c) + d);
  }

  /** Of a page of {@code count} values encoded PLAIN, of {@code width} bytes, 0: of any length. */
  static long plain(StoredPages page, int count, int width) {
    int levels = page.levelLength();
    long at = page.content() + levels;
    PlainEntries.check(at, page.uncompressedLength() - levels, count, width);
    int[] each = new int[count];
    for (int i = 0; i < count; i++) {
      each[i] = i;
    }
    return values(page, each, count, entries(at, count, width));
  }

  private static long levels(StoredPages page) {
    return page.entries() * FACTOR + XxHash64.hash(page.content(), page.levelLength());
  }

  /** The hash of each of a dictionary's entries, which were checked. */
  static long[] entries(long from, int count, int width) {
    long[] hashes = new long[count];
    if (width == Long.BYTES) {
      for (int i = 0; i < count; i++) {
        hashes[i] = mix(MemoryUtil.getLong(from + 8L * i) + FACTOR);
      }
      return hashes;
    }
    long at = from;
    for (int i = 0; i < count; i++) {
      int length = width > 0 ? width : MemoryUtil.getInt(at);
      at += width > 0 ? 0 : Integer.BYTES;
      hashes[i] = XxHash64.hash(at, length);
      at += length;
    }
    return hashes;
  }

  /** Of {@code count} numbers from {@code first} on, {@code step} apart. */
  static long numbers(long first, int step, int count) {
    long[] numbers = new long[count];
    for (int i = 0; i < count; i++) {
      numbers[i] = first + (long) step * i;
    }
    return numbers(numbers);
  }

  static long numbers(long[] numbers) {
    long sum = numbers.length;
    for (long number : numbers) {
      sum = sum * FACTOR + mix(number);
    }
    return mix(sum);
  }

  private static long mix(long value) {
    long x = (value ^ (value >>> 32)) * FACTOR;
    return x ^ (x >>> 29);
  }
}
