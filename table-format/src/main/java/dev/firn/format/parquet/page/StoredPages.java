package dev.firn.format.parquet.page;

import dev.firn.error.FirnException;
import java.util.EnumMap;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.util.MemoryUtil;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.jspecify.annotations.Nullable;

/**
 * The pages of column chunks as they are stored, the dictionary page first: a cursor that decodes
 * no values. Reused from chunk to chunk, with its codecs. Confined to one thread. Owns scratch
 * memory; borrows a chunk's bytes until the next {@link #open}.
 *
 * <p>Faults are thrown bare; {@link #corrupt} says where they are.
 */
public final class StoredPages implements AutoCloseable {
  /** What a page is. */
  public enum Kind {
    DICTIONARY,
    DATA_V1,
    DATA_V2
  }

  private static final int BLOCK = 1024;

  private final Scratch memory;
  private final Map<CompressionCodecName, PageCodec> codecs =
      new EnumMap<>(CompressionCodecName.class);
  private final PageHeader header = new PageHeader();
  private final CRC32 crc = new CRC32();
  private final CRC32C headerSum = new CRC32C();
  private final int[] block = new int[BLOCK];
  private @Nullable ChunkSpec spec;
  private @Nullable ChunkBytes bytes;
  private long next;
  private long start;
  private long bodyStart;
  private int ordinal;
  private long seen;
  private boolean checked;
  private long content;
  private int repetitionLength;
  private int levelLength;
  private boolean loaded;

  public StoredPages(BufferAllocator allocator) {
    this.memory = new Scratch(allocator);
  }

  /** Turns to another chunk, before its first page. */
  public void open(ChunkSpec chunk, ChunkBytes stored) {
    spec = chunk;
    bytes = stored;
    next = 0;
    start = 0;
    ordinal = -1;
    seen = 0;
    loaded = false;
  }

  /** Moves to the next page, by its header; false at the end, where all values must be there. */
  public boolean next() {
    long length = bytes().length();
    while (next < length && (seen < spec().values() || ordinal < 0)) {
      readHeader(length);
      if (header.type != PageHeader.INDEX) {
        count();
        return true;
      }
    }
    if (seen != spec().values()) {
      throw new CorruptPageException(
          "the pages end early: expected %d values, got %d".formatted(spec().values(), seen));
    }
    return false;
  }

  private void readHeader(long length) {
    start = next;
    ordinal++;
    loaded = false;
    checked = false;
    long at = bytes().at(start, length);
    bodyStart = start + header.read(at, at + length - start) - at;
    int expected = bytes().headerSum(ordinal);
    if (expected != 0) {
      headerSum.reset();
      headerSum.update(MemoryUtil.directBuffer(at, (int) (bodyStart - start)));
      if ((int) headerSum.getValue() != expected) {
        throw new CorruptPageException("the checksum of the page header does not match");
      }
    }
    next = bodyStart + header.compressedSize;
    if (next > length) {
      throw new CorruptPageException(
          "the page is said to have %d bytes, with %d left in the column chunk"
              .formatted(header.compressedSize, length - bodyStart));
    }
    if (header.uncompressedSize > spec().uncompressedBytes()) {
      throw new CorruptPageException(
          "the page is said to have %d bytes uncompressed, the whole column chunk %d"
              .formatted(header.uncompressedSize, spec().uncompressedBytes()));
    }
  }

  private void count() {
    if (header.type == PageHeader.DICTIONARY) {
      if (ordinal > 0) {
        throw new CorruptPageException("a dictionary page behind other pages");
      }
      return;
    }
    seen += header.entries;
    if (seen > spec().values()) {
      throw new CorruptPageException(
          "the pages have more than the column chunk's %d values".formatted(spec().values()));
    }
  }

  public Kind kind() {
    return switch (header.type) {
      case PageHeader.DICTIONARY -> Kind.DICTIONARY;
      case PageHeader.DATA_V1 -> Kind.DATA_V1;
      default -> Kind.DATA_V2;
    };
  }

  /** Values of a data page, nulls counted, or entries of the dictionary. */
  public int entries() {
    return header.entries;
  }

  /** The encoding of the page's values; of dictionary indices always {@code RLE_DICTIONARY}. */
  public Encoding encoding() {
    return switch (header.encoding) {
      case PLAIN -> Encoding.PLAIN;
      case PLAIN_DICTIONARY, RLE_DICTIONARY ->
          kind() == Kind.DICTIONARY ? Encoding.PLAIN : Encoding.RLE_DICTIONARY;
      case RLE -> Encoding.RLE;
      case BIT_PACKED -> throw new CorruptPageException("values in the encoding BIT_PACKED");
      case DELTA_BINARY_PACKED -> Encoding.DELTA_BINARY_PACKED;
      case DELTA_LENGTH_BYTE_ARRAY -> Encoding.DELTA_LENGTH_BYTE_ARRAY;
      case DELTA_BYTE_ARRAY -> Encoding.DELTA_BYTE_ARRAY;
      case BYTE_STREAM_SPLIT -> Encoding.BYTE_STREAM_SPLIT;
    };
  }

  /** Whether the page names its encoding as files of today do. */
  public boolean namesEncoding() {
    return header.encoding != PageEncoding.PLAIN_DICTIONARY;
  }

  /** Bytes of the header. */
  public int headerLength() {
    return (int) (bodyStart - start);
  }

  /** Bytes behind the header, as stored. */
  public int bodyLength() {
    return header.compressedSize;
  }

  /** Bytes behind the header, not compressed. */
  public int uncompressedLength() {
    return header.uncompressedSize;
  }

  /** Bytes of repetition levels before the values of a page of version 2. */
  public int repetitionBytes() {
    return header.repetitionBytes;
  }

  /** Bytes of definition levels before the values of a page of version 2. */
  public int definitionBytes() {
    return header.definitionBytes;
  }

  /** Nulls that the header of a page of version 2 counts. */
  public int storedNulls() {
    return header.nulls;
  }

  /** Rows that the header of a page of version 2 counts. */
  public int storedRows() {
    return header.rows;
  }

  /** Whether the values of a page of version 2 are compressed. */
  public boolean compressed() {
    return header.compressed;
  }

  /** Whether the header holds a checksum of the body. */
  public boolean hasChecksum() {
    return header.hasChecksum;
  }

  /** Where header and body are stored, one behind the other; verified. */
  public long address() {
    verify();
    return bytes().at(start, next);
  }

  private void verify() {
    if (!checked && header.hasChecksum) {
      crc.reset();
      crc.update(MemoryUtil.directBuffer(bytes().at(bodyStart, next), header.compressedSize));
      if ((int) crc.getValue() != header.checksum) {
        throw new CorruptPageException(
            "the checksum does not match, expected %08x, got %08x"
                .formatted(header.checksum, (int) crc.getValue()));
      }
    }
    checked = true;
  }

  /**
   * Where the page's bytes are, decompressed: {@link #levelLength()} of levels, then values up to
   * {@link #uncompressedLength()}, and padding. Valid until the next page.
   */
  public long content() {
    if (!loaded) {
      load();
      loaded = true;
    }
    return content;
  }

  private void load() {
    verify();
    int levels = header.repetitionBytes + header.definitionBytes;
    int plain = header.type == PageHeader.DATA_V2 ? levels : 0;
    int length = header.compressedSize - plain;
    int target = header.uncompressedSize - plain;
    long from = bytes().at(bodyStart, next);
    boolean stored = header.type == PageHeader.DATA_V2 && !header.compressed;
    PageCodec codec = codec(stored ? CompressionCodecName.UNCOMPRESSED : spec().codec());
    if (target > 0) {
      codec.checkPlausible(from + plain, length, target);
    }
    content = memory.ensure(header.uncompressedSize);
    MemoryUtil.copyMemory(from, content, plain);
    if (target > 0) {
      codec.decompress(from + plain, length, content + plain, target);
    }
    splitLevels(levels);
  }

  private void splitLevels(int stored) {
    repetitionLength = 0;
    levelLength = 0;
    if (header.type == PageHeader.DATA_V2) {
      repetitionLength = header.repetitionBytes;
      levelLength = stored;
    } else if (header.type == PageHeader.DATA_V1) {
      repetitionLength = levelsV1(header.repetitionEncoding, maxRepetition(), 0);
      levelLength =
          repetitionLength + levelsV1(header.definitionEncoding, maxDefinition(), repetitionLength);
    }
  }

  private int levelsV1(PageEncoding encoding, int max, int at) {
    if (max == 0) {
      return 0;
    }
    int room = header.uncompressedSize - at;
    if (encoding == PageEncoding.BIT_PACKED) {
      long size = BitPackedLevels.size(header.entries, width(max));
      return (int) checkLevels(size, room);
    }
    if (encoding != PageEncoding.RLE) {
      throw new CorruptPageException("levels in the encoding %s, expected RLE".formatted(encoding));
    }
    if (room == 0 && header.entries == 0) {
      return 0;
    }
    long size = room < Integer.BYTES ? -1 : MemoryUtil.getInt(content + at);
    return Integer.BYTES + (int) checkLevels(size, room - Integer.BYTES);
  }

  private static long checkLevels(long size, long room) {
    if (size < 0 || size > room) {
      throw new CorruptPageException(
          "levels take %d bytes, with %d in the page".formatted(size, room));
    }
    return size;
  }

  private static int width(int max) {
    return 32 - Integer.numberOfLeadingZeros(max);
  }

  private int maxRepetition() {
    return spec().column().getMaxRepetitionLevel();
  }

  private int maxDefinition() {
    return spec().column().getMaxDefinitionLevel();
  }

  /** Bytes of repetition levels at the front of {@link #content()}, with their length in v1. */
  public int repetitionLength() {
    content();
    return repetitionLength;
  }

  /** Bytes of all levels at the front of {@link #content()}, with their lengths in v1. */
  public int levelLength() {
    content();
    return levelLength;
  }

  /** Whether levels are in the form that all readers have. */
  public boolean levelsAreRuns() {
    return (header.repetitionEncoding == PageEncoding.RLE || maxRepetition() == 0)
        && (header.definitionEncoding == PageEncoding.RLE || maxDefinition() == 0);
  }

  /** How many entries of the data page are values: not null, and not absent. */
  public int values() {
    return level(maxDefinition(), repetitionLength(), levelLength - repetitionLength, true);
  }

  /** How many rows start in the data page. */
  public int rows() {
    return maxRepetition() == 0
        ? header.entries
        : header.entries - level(maxRepetition(), 0, repetitionLength(), false);
  }

  /** Whether the first entry of the data page starts a row. */
  public boolean startsRow() {
    if (maxRepetition() == 0 || header.entries == 0) {
      return true;
    }
    runs(maxRepetition(), 0, repetitionLength()).read(1, block, 0);
    return block[0] == 0;
  }

  /** Counts levels that are the greatest, or those above 0. */
  private int level(int max, int at, int length, boolean greatest) {
    if (max == 0) {
      return header.entries;
    }
    HybridRuns runs = runs(max, at, length);
    int found = 0;
    for (int left = header.entries; left > 0; ) {
      int now = Math.min(left, runs.left());
      if (runs.isRepeated()) {
        checkLevel(runs.value(), max);
        found += (greatest ? runs.value() == max : runs.value() > 0) ? now : 0;
        runs.advance(now);
      } else {
        now = Math.min(now, BLOCK);
        runs.read(now, block, 0);
        found += countBlock(now, max, greatest);
      }
      left -= now;
    }
    return found;
  }

  private int countBlock(int count, int max, boolean greatest) {
    int found = 0;
    for (int i = 0; i < count; i++) {
      checkLevel(block[i], max);
      found += (greatest ? block[i] == max : block[i] > 0) ? 1 : 0;
    }
    return found;
  }

  private static void checkLevel(int level, int max) {
    if (level > max) {
      throw new CorruptPageException("a level of %d, expected at most %d".formatted(level, max));
    }
  }

  private HybridRuns runs(int max, int at, int length) {
    if (!levelsAreRuns()) {
      throw new IllegalStateException("Levels are not runs");
    }
    int prefix = header.type == PageHeader.DATA_V1 && length >= Integer.BYTES ? Integer.BYTES : 0;
    long from = content() + at + prefix;
    return new HybridRuns(from, from + length - prefix, width(max));
  }

  /**
   * Reads the {@code count} dictionary indices of the data page, each below {@code size}; returns
   * the greatest, -1 if there is none.
   */
  public int ids(int count, int size, int[] out) {
    long from = content() + levelLength();
    long end = content + header.uncompressedSize;
    if (count == 0) {
      return -1;
    }
    int width = from == end ? 1 : MemoryUtil.getByte(from) & 0xff;
    new HybridRuns(Math.min(from + 1, end), end, width).read(count, out, 0);
    int least = 0;
    int greatest = 0;
    for (int i = 0; i < count; i++) {
      least = Math.min(least, out[i]);
      greatest = Math.max(greatest, out[i]);
    }
    if (least < 0 || greatest >= size) {
      throw new CorruptPageException(
          "dictionary index %d, in a dictionary of %d entries"
              .formatted(Integer.toUnsignedLong(least < 0 ? least : greatest), size));
    }
    return greatest;
  }

  /** Reads the numbers of a data page without absent values, DELTA_BINARY_PACKED. */
  public void deltas(long[] out) {
    if (header.encoding != PageEncoding.DELTA_BINARY_PACKED || values() != out.length) {
      throw new CorruptPageException(
          "expected %d values in the encoding DELTA_BINARY_PACKED, got %d in %s"
              .formatted(out.length, values(), header.encoding));
    }
    long from = content() + levelLength();
    new DeltaNumbers(from, content + header.uncompressedSize).read(out.length, out);
  }

  private PageCodec codec(CompressionCodecName name) {
    PageCodec made = codecs.get(name);
    if (made == null) {
      made = PageCodec.of(name, null);
      codecs.put(name, made);
    }
    return made;
  }

  private ChunkSpec spec() {
    ChunkSpec open = spec;
    if (open == null) {
      throw new IllegalStateException("No chunk is open");
    }
    return open;
  }

  private ChunkBytes bytes() {
    ChunkBytes open = bytes;
    if (open == null) {
      throw new IllegalStateException("No chunk is open");
    }
    return open;
  }

  /** As {@link ColumnChunk#corrupt}, of the current page. */
  public FirnException corrupt(RuntimeException fault) {
    return ColumnChunk.corrupt(spec(), start, ordinal, fault);
  }

  @Override
  public void close() {
    memory.close();
    codecs.values().forEach(PageCodec::close);
    codecs.clear();
  }
}
