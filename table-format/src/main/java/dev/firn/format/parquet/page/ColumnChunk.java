package dev.firn.format.parquet.page;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import java.util.zip.CRC32C;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.OutOfMemoryException;
import org.apache.arrow.memory.util.MemoryUtil;
import org.jspecify.annotations.Nullable;

/**
 * The pages of one column chunk in order: a cursor over bytes already fetched. Confined to one
 * thread. Borrows {@code bytes}, which must outlive it; owns its scratch memory, made from the
 * allocator.
 *
 * <p>Its own methods throw what {@link #corrupt} makes of a fault; levels and values throw the bare
 * fault, since they do not know where they are.
 */
public final class ColumnChunk implements AutoCloseable {
  private static final int UNKNOWN = -1;

  /** What is looked at for a header first. */
  private static final int HEADER_BYTES = 8 * 1024;

  /** What is fetched again where a header is damaged, whose page has no known length. */
  private static final int FETCHED_AGAIN = 64 * 1024;

  private final ChunkSpec spec;
  private final ChunkBytes bytes;
  private final long length;
  private final Workspace work;
  private final PageLoader page;
  private final PageHeader header = new PageHeader();
  private final Decoders decoders;
  private final CRC32C headerSum = new CRC32C();
  private @Nullable ChunkDictionary dictionary;
  private @Nullable PageValues values;

  private long next;
  private long pageOffset;
  private int pageNumber = UNKNOWN;

  /** Which page of the chunk it is, the dictionary counted; negative where that is not known. */
  private int ordinal = UNKNOWN;

  private boolean onPage;
  private boolean counted = true;
  private long seen;

  private ColumnChunk(ChunkSpec spec, ChunkBytes bytes, BufferAllocator allocator) {
    this.spec = spec;
    this.bytes = bytes;
    this.length = bytes.length();
    this.work = new Workspace(allocator);
    this.page = new PageLoader(spec, bytes, work, allocator);
    this.decoders = new Decoders(spec, work);
  }

  /**
   * Opens a chunk whose pages are {@code bytes[offset, offset + length)}, the dictionary page first
   * where there is one, which is decoded at once. The first of these bytes is at {@link
   * ChunkSpec#startOffset()} of the file. A page is not copied before it is decoded where nothing
   * is compressed and {@code bytes} go on for 64 bytes behind it.
   */
  public static ColumnChunk open(
      ChunkSpec spec, ArrowBuf bytes, long offset, long length, BufferAllocator allocator) {
    return open(spec, ChunkBytes.of(bytes, offset, length), allocator);
  }

  /**
   * As {@link #open(ChunkSpec, ArrowBuf, long, long, BufferAllocator)}, of bytes that it borrows.
   */
  public static ColumnChunk open(ChunkSpec spec, ChunkBytes bytes, BufferAllocator allocator) {
    ColumnChunk chunk;
    try {
      chunk = new ColumnChunk(spec, bytes, allocator);
    } catch (CorruptPageException e) {
      throw corrupt(spec, "", e);
    }
    try {
      chunk.openDictionary(allocator);
      return chunk;
    } catch (RuntimeException e) {
      try (chunk) {
        throw chunk.corrupt(e);
      }
    }
  }

  private void openDictionary(BufferAllocator allocator) {
    if (length == 0) {
      return;
    }
    pageNumber = 0;
    ordinal = 0;
    readHeader();
    if (header.type != PageHeader.DICTIONARY) {
      next = 0;
      pageNumber = UNKNOWN;
      ordinal = UNKNOWN;
      return;
    }
    checkPage();
    dictionary =
        decoders.dictionary(
            page.valuesFrom(), page.valuesTo(), header.entries, header.encoding, allocator);
  }

  /** The dictionary; null where the chunk has none. */
  public @Nullable Dictionary dictionary() {
    return dictionary;
  }

  /**
   * Moves to the next data page and reads only its header: {@link #entries()} is known, nothing is
   * decompressed until {@link #definition()}, {@link #repetition()} or {@link #values()} is called.
   * False at the end, where the values seen must add up to the footer's.
   */
  public boolean nextPage() {
    try {
      return advance();
    } catch (RuntimeException e) {
      throw corrupt(e);
    }
  }

  private boolean advance() {
    onPage = false;
    while (next < length && (!counted || seen < spec.values())) {
      pageNumber++;
      ordinal++;
      readHeader();
      if (header.type == PageHeader.DICTIONARY) {
        throw new CorruptPageException(
            dictionary == null
                ? "a dictionary page behind data pages"
                : "a second dictionary page");
      }
      if (header.isData()) {
        startPage();
        return true;
      }
    }
    if (counted && seen != spec.values()) {
      throw new CorruptPageException(
          "the pages end early: expected %d values, got %d".formatted(spec.values(), seen));
    }
    return false;
  }

  /**
   * Moves to the data page whose header starts at {@code fileOffset} (of the offset index) and
   * which ends at {@code fileEnd} or before, leaving those between unread; afterwards the count at
   * the end is not checked. What is in {@code bytes} outside of pages moved to does not matter.
   */
  public void seekPage(long fileOffset, long fileEnd) {
    seekPage(Integer.MIN_VALUE, fileOffset, fileEnd);
  }

  /** As {@link #seekPage(long, long)}, to data page {@code page}, counted from 0. */
  public void seekPage(int page, long fileOffset, long fileEnd) {
    try {
      onPage = false;
      ordinal = page + (dictionary == null ? 0 : 1);
      counted = false;
      pageNumber = UNKNOWN;
      pageOffset = fileOffset - spec.startOffset();
      if (pageOffset < 0 || pageOffset >= length) {
        throw new CorruptPageException(
            "the offset index names a page outside the column chunk, which has %d bytes from %d on"
                .formatted(length, spec.startOffset()));
      }
      next = pageOffset;
      readHeader();
      if (!header.isData()) {
        throw new CorruptPageException("the offset index names a page without data");
      }
      if (next > fileEnd - spec.startOffset()) {
        throw new CorruptPageException(
            "the page ends at byte %d, expected %d of the offset index or before"
                .formatted(spec.startOffset() + next, fileEnd));
      }
      startPage();
    } catch (RuntimeException e) {
      throw corrupt(e);
    }
  }

  /** Reads the header of the page at {@link #next}, again where it is damaged. */
  private void readHeader() {
    pageOffset = next;
    while (true) {
      try {
        parseHeader();
        return;
      } catch (CorruptPageException e) {
        next = pageOffset;
        if (!bytes.fetchAgain(pageOffset, Math.min(length, pageOffset + FETCHED_AGAIN))) {
          throw e;
        }
      }
    }
  }

  /** Verifies the bytes of the current page, and fetches them again where they are damaged. */
  private void checkPage() {
    while (true) {
      try {
        page.check();
        return;
      } catch (CorruptPageException e) {
        int entries = header.entries;
        if (!bytes.fetchAgain(pageOffset, next)) {
          throw e;
        }
        next = pageOffset;
        readHeader();
        if (header.entries != entries) {
          throw e; // rows were counted by it already
        }
      }
    }
  }

  private void parseHeader() {
    long end = Math.min(length, next + HEADER_BYTES);
    long size;
    try {
      size = headerSize(end);
    } catch (CorruptPageException e) {
      if (end == length) {
        throw e;
      }
      size = headerSize(length); // a header may hold statistics of any length
    }
    checkHeader(size, bytes.headerSum(ordinal));
    long room = length - next - size;
    if (header.compressedSize > room) {
      throw new CorruptPageException(
          "the page is said to have %d bytes, with %d left in the column chunk"
              .formatted(header.compressedSize, room));
    }
    if (header.uncompressedSize > spec.uncompressedBytes()) {
      throw new CorruptPageException(
          "the page is said to have %d bytes uncompressed, the whole column chunk %d"
              .formatted(header.uncompressedSize, spec.uncompressedBytes()));
    }
    page.start(header, next + size);
    next += size + header.compressedSize;
  }

  private void checkHeader(long size, int expected) {
    if (expected == 0) {
      return;
    }
    headerSum.reset();
    headerSum.update(MemoryUtil.directBuffer(bytes.at(next, next + size), (int) size));
    if ((int) headerSum.getValue() != expected) {
      throw new CorruptPageException(
          "the checksum of the page header does not match, expected %08x, got %08x"
              .formatted(expected, (int) headerSum.getValue()));
    }
  }

  private long headerSize(long end) {
    long from = bytes.at(next, end);
    return header.read(from, from + end - next) - from;
  }

  private void startPage() {
    values = null;
    long left = spec.values() - (counted ? seen : 0);
    if (header.entries > left) {
      throw new CorruptPageException(
          "the page is said to have %d values, with %d left in the column chunk"
              .formatted(header.entries, left));
    }
    seen += header.entries;
    onPage = true;
  }

  /** Values of the current page, nulls among them. */
  public int entries() {
    checkOnPage();
    return header.entries;
  }

  /** The current page's repetition levels: the same cursor in each call. */
  public Levels repetition() {
    checkOnPage();
    try {
      checkPage();
      return page.repetition();
    } catch (RuntimeException e) {
      throw corrupt(e);
    }
  }

  /** The current page's definition levels: the same cursor in each call. */
  public Levels definition() {
    checkOnPage();
    try {
      checkPage();
      return page.definition();
    } catch (RuntimeException e) {
      throw corrupt(e);
    }
  }

  /** The current page's values: the same cursor in each call. */
  public PageValues values() {
    checkOnPage();
    try {
      PageValues made = values;
      if (made == null) {
        checkPage();
        made = decoders.values(header.encoding, page.valuesFrom(), page.valuesTo(), dictionary);
        values = made;
      }
      return made;
    } catch (RuntimeException e) {
      throw corrupt(e);
    }
  }

  private void checkOnPage() {
    if (!onPage) {
      throw new IllegalStateException("No current page");
    }
  }

  /**
   * Names file, row group, column, page and offset: what to throw for a fault in the current page.
   * {@code CORRUPT}, unless memory ran out ({@code INVALID}), or the fault is Firn's own ({@code
   * INTERNAL}); a {@link FirnException} stays as it is.
   */
  public FirnException corrupt(RuntimeException fault) {
    return corrupt(spec, pageOffset, pageNumber, fault);
  }

  /** Of page {@code number} at {@code offset} of the chunk. */
  static FirnException corrupt(ChunkSpec spec, long offset, int number, RuntimeException fault) {
    if (fault instanceof FirnException named) {
      return named;
    }
    String page = number == UNKNOWN ? "" : " " + number;
    return corrupt(spec, ", page%s at byte %d".formatted(page, spec.startOffset() + offset), fault);
  }

  private static FirnException corrupt(ChunkSpec spec, String place, RuntimeException fault) {
    String column = String.join(".", spec.column().getPath());
    String where = "[%s, row group %d%s]".formatted(spec.file(), spec.rowGroup(), place);
    if (fault instanceof OutOfMemoryException) {
      return new FirnException(
          ErrorKind.INVALID,
          "Cannot read column %s: the memory limit is reached %s; raise it, or lower the batch rows"
              .formatted(column, where),
          fault);
    }
    if (fault instanceof IllegalStateException || fault instanceof IllegalArgumentException) {
      return new FirnException(
          ErrorKind.INTERNAL,
          "Cannot read column %s: %s %s; please report it"
              .formatted(column, fault.getMessage(), where),
          fault);
    }
    String reason = fault instanceof CorruptPageException ? fault.getMessage() : fault.toString();
    return FirnException.corrupt(
        "Cannot read column %s: %s %s; restore the file, or leave it out"
            .formatted(column, reason, where),
        fault);
  }

  @Override
  public void close() {
    onPage = false;
    values = null;
    try (work;
        page) {
      if (dictionary != null) {
        dictionary.close();
        dictionary = null;
      }
    }
  }
}
