package dev.firn.format.parquet.page;

import dev.firn.error.FirnException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.util.MemoryUtil;
import org.apache.parquet.column.ColumnDescriptor;
import org.jspecify.annotations.Nullable;

/**
 * The current page's bytes, verified and decompressed when first asked for: where its levels and
 * values are. What it points at is followed by {@link Scratch#PAD} readable bytes. Owns scratch
 * memory and the codec; borrows the chunk's bytes.
 */
final class PageLoader implements AutoCloseable {
  private final ChunkSpec spec;
  private final ChunkBytes bytes;
  private final Workspace work;
  private final Scratch levelMemory;
  private final Scratch pageMemory;
  private final CRC32 crc = new CRC32();
  private @Nullable PageCodec codec;

  private PageHeader header = new PageHeader();
  private long position;
  private boolean located;
  private long body;
  private boolean verified;
  private boolean levelsReady;
  private boolean valuesReady;
  private Levels repetition = new ZeroLevels(0);
  private Levels definition = new ZeroLevels(0);
  private long valuesFrom;
  private long valuesTo;

  PageLoader(ChunkSpec spec, ChunkBytes bytes, Workspace work, BufferAllocator allocator) {
    this.spec = spec;
    this.bytes = bytes;
    this.work = work;
    this.levelMemory = new Scratch(allocator);
    this.pageMemory = new Scratch(allocator);
  }

  /** Turns to a page whose bytes start at byte {@code position} of the chunk. */
  void start(PageHeader header, long position) {
    this.header = header;
    this.position = position;
    located = false;
    verified = false;
    levelsReady = false;
    valuesReady = false;
  }

  /** Verifies the stored bytes, once. */
  void check() {
    locate();
  }

  Levels repetition() {
    loadLevels();
    return repetition;
  }

  Levels definition() {
    loadLevels();
    return definition;
  }

  /** Where the values start, up to {@link #valuesTo()}. */
  long valuesFrom() {
    loadValues();
    return valuesFrom;
  }

  long valuesTo() {
    loadValues();
    return valuesTo;
  }

  private void loadLevels() {
    if (levelsReady) {
      return;
    }
    if (header.type == PageHeader.DATA_V2) {
      loadLevelsV2();
    } else {
      loadV1();
    }
    levelsReady = true;
  }

  private void loadValues() {
    if (valuesReady) {
      return;
    }
    switch (header.type) {
      case PageHeader.DATA_V1 -> loadLevels();
      case PageHeader.DATA_V2 -> loadValuesV2();
      default -> loadWhole();
    }
    valuesReady = true;
  }

  private void loadWhole() {
    locate();
    valuesFrom = plain(body, header.compressedSize, header.uncompressedSize, true);
    valuesTo = valuesFrom + header.uncompressedSize;
  }

  private void loadV1() {
    loadWhole();
    ColumnDescriptor column = spec.column();
    repetition = levelsV1(header.repetitionEncoding, column.getMaxRepetitionLevel());
    definition = levelsV1(header.definitionEncoding, column.getMaxDefinitionLevel());
  }

  /** Takes levels off the front of the values. */
  private Levels levelsV1(PageEncoding encoding, int max) {
    if (max == 0) {
      return new ZeroLevels(header.entries);
    }
    long room = valuesTo - valuesFrom;
    long from = valuesFrom;
    if (encoding == PageEncoding.BIT_PACKED) {
      long size = checkLevels(BitPackedLevels.size(header.entries, width(max)), room);
      valuesFrom += size;
      return new BitPackedLevels(from, width(max), max, header.entries);
    }
    if (encoding != PageEncoding.RLE) {
      throw new CorruptPageException("levels in the encoding %s, expected RLE".formatted(encoding));
    }
    if (room == 0 && header.entries == 0) {
      return new ZeroLevels(0);
    }
    long size =
        checkLevels(room < Integer.BYTES ? -1 : MemoryUtil.getInt(from), room - Integer.BYTES);
    from += Integer.BYTES;
    valuesFrom = from + size;
    return hybrid(from, size, max);
  }

  private static long checkLevels(long size, long room) {
    if (size < 0 || size > room) {
      throw new CorruptPageException(
          "levels take %d bytes, with %d in the page".formatted(size, room));
    }
    return size;
  }

  private void loadLevelsV2() {
    locate();
    int sizes = header.repetitionBytes + header.definitionBytes;
    long from = body;
    if (!isPadded(body, sizes)) {
      from = levelMemory.ensure(sizes);
      MemoryUtil.copyMemory(body, from, sizes);
    }
    ColumnDescriptor column = spec.column();
    repetition = levelsV2(from, header.repetitionBytes, column.getMaxRepetitionLevel());
    definition =
        levelsV2(
            from + header.repetitionBytes, header.definitionBytes, column.getMaxDefinitionLevel());
  }

  private Levels levelsV2(long from, int size, int max) {
    return max == 0 ? new ZeroLevels(header.entries) : hybrid(from, size, max);
  }

  private Levels hybrid(long from, long size, int max) {
    return new HybridLevels(
        new HybridRuns(from, from + size, width(max)), max, header.entries, work);
  }

  private static int width(int max) {
    return 32 - Integer.numberOfLeadingZeros(max);
  }

  private void loadValuesV2() {
    locate();
    int levels = header.repetitionBytes + header.definitionBytes;
    int length = header.compressedSize - levels;
    int target = header.uncompressedSize - levels;
    valuesFrom = plain(body + levels, length, target, header.compressed);
    valuesTo = valuesFrom + target;
  }

  /**
   * Returns where the uncompressed bytes are: in place, where nothing is to be done, and otherwise
   * in scratch memory.
   */
  private long plain(long source, int length, int targetLength, boolean compressed) {
    if (targetLength == 0) {
      return source;
    }
    PageCodec used = compressed ? codec() : new PlainCodec();
    used.checkPlausible(source, length, targetLength);
    if (used instanceof PlainCodec && isPadded(source, length)) {
      return source;
    }
    long target = pageMemory.ensure(targetLength);
    used.decompress(source, length, target, targetLength);
    return target;
  }

  private PageCodec codec() {
    PageCodec made = codec;
    if (made == null) {
      try {
        made = PageCodec.of(spec.codec(), null);
      } catch (FirnException e) {
        throw new FirnException(
            e.kind(),
            "%s [%s, row group %d, column %s]"
                .formatted(
                    e.getMessage(),
                    spec.file(),
                    spec.rowGroup(),
                    String.join(".", spec.column().getPath())),
            e);
      }
      codec = made;
    }
    return made;
  }

  private boolean isPadded(long address, long length) {
    return address + length + Scratch.PAD <= bytes.readableEnd();
  }

  /** Finds the stored bytes, and verifies them. Nothing else moves them while the page is read. */
  private void locate() {
    if (!located) {
      body = bytes.at(position, position + header.compressedSize);
      located = true;
    }
    verify();
  }

  private void verify() {
    if (verified || !header.hasChecksum) {
      return;
    }
    ByteBuffer stored = MemoryUtil.directBuffer(body, header.compressedSize);
    crc.reset();
    crc.update(stored);
    if ((int) crc.getValue() != header.checksum) {
      throw new CorruptPageException(
          "the checksum does not match, expected %08x, got %08x"
              .formatted(header.checksum, (int) crc.getValue()));
    }
    verified = true;
  }

  @Override
  public void close() {
    levelMemory.close();
    pageMemory.close();
    if (codec != null) {
      codec.close();
      codec = null;
    }
  }
}
