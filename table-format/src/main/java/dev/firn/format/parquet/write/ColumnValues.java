package dev.firn.format.parquet.write;

import java.util.Arrays;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.util.MemoryUtil;
import org.apache.arrow.vector.FieldVector;
import org.apache.parquet.schema.LogicalTypeAnnotation.DecimalLogicalTypeAnnotation;
import org.apache.parquet.schema.PrimitiveType;
import org.jspecify.annotations.Nullable;

/**
 * The values of the page that a column is filling: ids while the column has a dictionary, else
 * bytes, encoded PLAIN. Owns its memory.
 */
final class ColumnValues implements AutoCloseable {
  private final ValueKind kind;
  private final int width;
  private final DenseValues dense;
  private final NativeBuffer plain;
  private final @Nullable ValueDictionary dictionary;
  private boolean useDictionary;
  private int[] ids = new int[0];
  private int count;
  private int trues;
  private long plainBytes;

  ColumnValues(Leaf leaf, int dictionaryBytes, BufferAllocator allocator) {
    this.kind = kind(leaf);
    this.width = DenseValues.width(leaf.descriptor().getPrimitiveType());
    this.dense = new DenseValues(leaf);
    this.plain = new NativeBuffer(allocator);
    this.dictionary =
        switch (kind) {
          case BOOLEAN -> null;
          case INT, FLOAT, LONG, DOUBLE -> new FixedDictionary(width, dictionaryBytes);
          case BINARY -> new BytesDictionary(false, dictionaryBytes, allocator);
          case FIXED, SIGNED_FIXED -> new BytesDictionary(true, dictionaryBytes, allocator);
        };
  }

  private static ValueKind kind(Leaf leaf) {
    PrimitiveType type = leaf.descriptor().getPrimitiveType();
    return switch (type.getPrimitiveTypeName()) {
      case BOOLEAN -> ValueKind.BOOLEAN;
      case INT32 -> ValueKind.INT;
      case INT64 -> ValueKind.LONG;
      case FLOAT -> ValueKind.FLOAT;
      case DOUBLE -> ValueKind.DOUBLE;
      case BINARY -> ValueKind.BINARY;
      case FIXED_LEN_BYTE_ARRAY ->
          type.getLogicalTypeAnnotation() instanceof DecimalLogicalTypeAnnotation
              ? ValueKind.SIGNED_FIXED
              : ValueKind.FIXED;
      case INT96 -> throw new IllegalArgumentException("INT96 is not written: " + leaf.name());
    };
  }

  ValueKind kind() {
    return kind;
  }

  /** The bytes of a value, or 0 if they differ. */
  int width() {
    return width;
  }

  int count() {
    return count;
  }

  /** The dictionary, if values become ids now. */
  @Nullable ValueDictionary dictionary() {
    return useDictionary ? dictionary : null;
  }

  /** The dictionary of the chunk, whether values still become ids or not. */
  @Nullable ValueDictionary anyDictionary() {
    return dictionary;
  }

  /** The ids of the page, if there is a dictionary; with room for 8 more. */
  int[] ids() {
    return ids;
  }

  /** Where the PLAIN values of the page stand, if there is no dictionary. */
  long plain() {
    return plain.address();
  }

  /** The bytes that the page would take PLAIN. */
  long plainBytes() {
    return kind == ValueKind.BOOLEAN ? (count + 7) / 8 : plainBytes;
  }

  /** The bytes of the page as they count towards its limit. */
  long size() {
    return useDictionary ? 4L * count : plainBytes();
  }

  /** Starts a column chunk, with an empty dictionary or without one. */
  void start(boolean withDictionary) {
    clear();
    if (dictionary != null) {
      dictionary.clear();
    }
    useDictionary = withDictionary && dictionary != null;
  }

  /** Goes over to bytes, from the next page on; the page must be empty. */
  void dropDictionary() {
    useDictionary = false;
    ids = new int[0];
  }

  /**
   * Adds values that are not null; false if the dictionary would outgrow its limit: then none was
   * added.
   */
  boolean add(FieldVector vector, Run run, Workbench bench) {
    int n = run.count();
    if (n == 0) {
      return true;
    }
    ValueDictionary entries = dictionary();
    long bytes = kind == ValueKind.BINARY ? source(vector).bytes(run) : (long) width * n;
    if (entries != null) {
      roomForIds(n);
      if (!toDictionary(entries, vector, run, bench)) {
        return false;
      }
    } else if (kind == ValueKind.BOOLEAN) {
      addBooleans(vector, run);
    } else if (kind == ValueKind.BINARY) {
      addBinaries(source(vector), run, bytes);
    } else {
      long to = plain.ensure(plainBytes + bytes, plainBytes) + plainBytes;
      MemoryUtil.copyMemory(dense.of(vector, run, bench.values), to, bytes);
    }
    plainBytes += bytes;
    count += n;
    return true;
  }

  private boolean toDictionary(
      ValueDictionary entries, FieldVector vector, Run run, Workbench bench) {
    if (entries instanceof FixedDictionary fixed) {
      return fixed.add(dense.of(vector, run, bench.values), run.count(), ids, count);
    }
    BytesDictionary bytes = (BytesDictionary) entries;
    if (kind == ValueKind.BINARY) {
      return bytes.add(source(vector), run, ids, count);
    }
    return bytes.addFixed(dense.of(vector, run, bench.values), width, run.count(), ids, count);
  }

  private void roomForIds(int more) {
    int needed = Math.addExact(count, more) + 8;
    if (ids.length < needed) {
      ids = Arrays.copyOf(ids, needed + needed / 4);
    }
  }

  static BinarySource source(FieldVector vector) {
    long data = vector.getDataBuffer().memoryAddress();
    return new BinarySource(
        vector.getOffsetBuffer().memoryAddress(), data, data + vector.getDataBuffer().capacity());
  }

  private void addBinaries(BinarySource source, Run run, long bytes) {
    int[] slots = run.slots();
    int first = run.first();
    int n = run.count();
    long to = plain.ensure(plainBytes + bytes, plainBytes) + plainBytes;
    for (int i = 0; i < n; i++) {
      int slot = slots == null ? first + i : slots[i];
      int start = source.start(slot);
      int length = source.start(slot + 1) - start;
      MemoryUtil.putInt(to, length);
      Words.copy(source.data() + start, to + 4, length, source.end());
      to += 4 + length;
    }
  }

  private void addBooleans(FieldVector vector, Run run) {
    long bits = vector.getDataBuffer().memoryAddress();
    int[] slots = run.slots();
    long to = plain.ensure((count + run.count() + 7) / 8, (count + 7) / 8);
    for (int i = 0; i < run.count(); i++) {
      int slot = slots == null ? run.first() + i : slots[i];
      int bit = Bits.get(bits, slot) ? 1 : 0;
      long at = to + (count + i >>> 3);
      int shift = count + i & 7;
      int before = shift == 0 ? 0 : MemoryUtil.getByte(at);
      MemoryUtil.putByte(at, (byte) (before | bit << shift));
      trues += bit;
    }
  }

  /** Finds the bounds of the page's values. They stand in {@code bench} until its next use. */
  void range(Workbench bench) {
    ValueDictionary entries = dictionary();
    if (kind == ValueKind.BOOLEAN) {
      bench.range.ofBooleans(count, trues);
    } else if (entries == null) {
      bench.range.of(kind, plain.address(), count, width);
    } else {
      int n = bench.distinct(ids, count, entries.size());
      long to = bench.values.ensure(entries.plainBytes(bench.used(), n), 0);
      entries.plain(bench.used(), n, to);
      bench.range.of(kind, to, n, width);
    }
  }

  /** How many of the page's values are NaN; {@code bench} holds their range. */
  long nans(Workbench bench) {
    ValueDictionary entries = dictionary();
    if (bench.range.nans() == 0 || entries == null) {
      return bench.range.nans();
    }
    long to = bench.page.ensure(entries.plainBytes(ids, count), 0);
    entries.plain(ids, count, to);
    PageRange all = new PageRange();
    all.of(kind, to, count, width);
    return all.nans();
  }

  /** Forgets the page. */
  void clear() {
    count = 0;
    trues = 0;
    plainBytes = 0;
  }

  /** Lets go of the memory of an empty page. */
  void release() {
    plain.close();
    ids = new int[0];
  }

  /** Bytes on the heap. */
  long heapBytes() {
    return 4L * ids.length + (dictionary == null ? 0 : dictionary.heapBytes());
  }

  @Override
  public void close() {
    plain.close();
    if (dictionary != null) {
      dictionary.close();
    }
  }
}
