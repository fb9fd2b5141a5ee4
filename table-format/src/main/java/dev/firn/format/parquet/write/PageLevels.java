package dev.firn.format.parquet.write;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.arrow.memory.util.MemoryUtil;
import org.apache.parquet.column.ParquetProperties.WriterVersion;

/**
 * The levels of the page that a column is filling. A flat column's are kept as bits, and only from
 * the first null on.
 */
final class PageLevels {
  private final int maxDefinition;
  private final int maxRepetition;
  private final boolean flat;
  private final boolean optional;
  private final boolean prefixed;
  private int entries;
  private int values;
  private int repetitionBytes;
  private long[] bits = new long[0];
  private byte[] definitions = new byte[0];
  private byte[] repetitions = new byte[0];

  /** Levels of pages of {@code version}: those of version 1 have their lengths before them. */
  PageLevels(Leaf leaf, WriterVersion version) {
    this.prefixed = version == WriterVersion.PARQUET_1_0;
    this.maxDefinition = leaf.maxDefinition();
    this.maxRepetition = leaf.maxRepetition();
    this.flat = leaf.flat();
    this.optional = leaf.steps().get(leaf.steps().size() - 1).optional();
  }

  int entries() {
    return entries;
  }

  /** Entries without a value: nulls here or above, and empty lists. */
  int nulls() {
    return entries - values;
  }

  /** Entries that are null here, not above. */
  int ownNulls() {
    if (flat) {
      return nulls();
    }
    int nulls = 0;
    for (int i = 0; optional && i < entries; i++) {
      nulls += definitions[i] == maxDefinition - 1 ? 1 : 0;
    }
    return nulls;
  }

  /** Adds {@code rows} rows of a flat column, of which {@code valid} are ones in its bitmap. */
  void add(long bitmap, int from, int rows, int valid) {
    if (valid < rows || nulls() > 0) {
      if (nulls() == 0) {
        setOnes();
      }
      appendBits(bitmap, from, rows, valid == rows);
    }
    entries += rows;
    values += valid;
  }

  private void setOnes() {
    roomForBits(entries);
    Arrays.fill(bits, 0);
    Arrays.fill(bits, 0, entries >>> 6, -1L);
    if ((entries & 63) != 0) {
      bits[entries >>> 6] = (1L << entries) - 1;
    }
  }

  private void appendBits(long bitmap, int from, int rows, boolean ones) {
    roomForBits(entries + rows);
    int at = entries;
    for (int i = 0; i < rows; i += 32) {
      int step = Math.min(32, rows - i);
      long word = ones ? (1L << step) - 1 : Bits.word(bitmap, (long) from + i, step);
      int shift = at & 63;
      bits[at >>> 6] |= word << shift;
      if (shift + step > 64) {
        bits[(at >>> 6) + 1] |= word >>> (64 - shift);
      }
      at += step;
    }
  }

  private void roomForBits(int count) {
    int words = (count + 63 >>> 6) + 1;
    if (bits.length < words) {
      bits = Arrays.copyOf(bits, words + words / 2);
    }
  }

  /** Adds the entries of a nested column. */
  void add(Leveler leveler) {
    int more = leveler.entries();
    int needed = Math.addExact(entries, more);
    if (definitions.length < needed) {
      definitions = Arrays.copyOf(definitions, needed + needed / 2);
    }
    System.arraycopy(leveler.definitions(), 0, definitions, entries, more);
    if (maxRepetition > 0) {
      if (repetitions.length < needed) {
        repetitions = Arrays.copyOf(repetitions, definitions.length);
      }
      System.arraycopy(leveler.repetitions(), 0, repetitions, entries, more);
    }
    entries = needed;
    values += leveler.values();
  }

  /** The most bytes that {@link #encode} writes. */
  long bound() {
    return 2L * (Integer.BYTES + Hybrid.bound(entries, 8));
  }

  /** Writes the levels as data pages hold them; returns where they ended. */
  long encode(long to) {
    long at = to;
    if (maxRepetition > 0) {
      at = prefixed(at, encode(repetitions, maxRepetition, start(at)));
    }
    repetitionBytes = (int) (at - to);
    if (maxDefinition == 0) {
      return at;
    }
    long start = start(at);
    long end = flat ? encodeFlat(start) : encode(definitions, maxDefinition, start);
    return prefixed(at, end);
  }

  /** How many of the bytes that were encoded last are repetition levels. */
  int repetitionBytes() {
    return repetitionBytes;
  }

  private long start(long at) {
    return prefixed ? at + Integer.BYTES : at;
  }

  private long prefixed(long at, long end) {
    if (prefixed) {
      MemoryUtil.putInt(at, (int) (end - at - Integer.BYTES));
    }
    return end;
  }

  private long encodeFlat(long to) {
    long at = to;
    if (nulls() == 0 || values == 0) {
      at = Hybrid.varint((long) entries << 1, at);
      MemoryUtil.putByte(at++, (byte) (values == 0 ? 0 : 1));
    } else {
      at = Hybrid.encodeBits(bits, entries, at);
    }
    return at;
  }

  private long encode(byte[] levels, int max, long to) {
    int[] wide = new int[entries + 8];
    for (int i = 0; i < entries; i++) {
      wide[i] = levels[i];
    }
    return Hybrid.encode(wide, entries, Hybrid.width(max), to);
  }

  /** Counts by repetition level; empty where parquet-java leaves them out. */
  List<Long> repetitionHistogram() {
    return maxRepetition == 0 ? new ArrayList<>() : histogram(repetitions, maxRepetition);
  }

  /** Counts by definition level; empty where parquet-java leaves them out. */
  List<Long> definitionHistogram() {
    return maxDefinition <= 1 ? new ArrayList<>() : histogram(definitions, maxDefinition);
  }

  private List<Long> histogram(byte[] levels, int max) {
    long[] counts = new long[max + 1];
    for (int i = 0; i < entries; i++) {
      counts[levels[i]]++;
    }
    List<Long> list = new ArrayList<>();
    for (long count : counts) {
      list.add(count);
    }
    return list;
  }

  void clear() {
    entries = 0;
    values = 0;
  }

  long heapBytes() {
    return 8L * bits.length + definitions.length + repetitions.length;
  }
}
