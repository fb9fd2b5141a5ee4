package dev.firn.format.parquet.page;

/**
 * The header of a page, as stored; sizes and counts are checked not to be negative, and nothing
 * else. Reused from page to page.
 *
 * @see <a
 *     href="https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift">PageHeader</a>
 */
final class PageHeader {
  static final int DATA_V1 = 0;
  static final int INDEX = 1;
  static final int DICTIONARY = 2;
  static final int DATA_V2 = 3;

  private static final int ABSENT = -1;

  private final CompactReader in = new CompactReader();
  private int details;

  int type;
  int uncompressedSize;
  int compressedSize;
  boolean hasChecksum;
  int checksum;
  int entries;
  PageEncoding encoding = PageEncoding.PLAIN;
  PageEncoding definitionEncoding = PageEncoding.RLE;
  PageEncoding repetitionEncoding = PageEncoding.RLE;
  int definitionBytes;
  int repetitionBytes;

  /** Of a page of version 2; 0 where it does not say. */
  int nulls;

  /** Of a page of version 2; 0 where it does not say. */
  int rows;

  boolean compressed;

  /**
   * Reads the header at {@code from}, which ends before {@code to}; returns where the page's bytes
   * start.
   */
  long read(long from, long to) {
    clear();
    in.start(from, to);
    for (int kind = in.nextField(); kind != CompactReader.STOP; kind = in.nextField()) {
      field(kind);
    }
    check();
    return in.position();
  }

  boolean isData() {
    return type == DATA_V1 || type == DATA_V2;
  }

  private void clear() {
    type = ABSENT;
    uncompressedSize = ABSENT;
    compressedSize = ABSENT;
    entries = ABSENT;
    details = ABSENT;
    hasChecksum = false;
    checksum = 0;
    encoding = PageEncoding.PLAIN;
    definitionEncoding = PageEncoding.RLE;
    repetitionEncoding = PageEncoding.RLE;
    definitionBytes = 0;
    repetitionBytes = 0;
    nulls = 0;
    rows = 0;
    compressed = true;
  }

  private void field(int kind) {
    switch (in.fieldId()) {
      case 1 -> type = number(kind);
      case 2 -> uncompressedSize = number(kind);
      case 3 -> compressedSize = number(kind);
      case 4 -> {
        checksum = number(kind);
        hasChecksum = true;
      }
      case 5 -> struct(kind, DATA_V1);
      case 7 -> struct(kind, DICTIONARY);
      case 8 -> struct(kind, DATA_V2);
      default -> in.skip(kind);
    }
  }

  private void struct(int kind, int ofType) {
    if (kind != CompactReader.STRUCT) {
      throw unexpected(kind);
    }
    details = ofType;
    int outer = in.enter();
    for (int inner = in.nextField(); inner != CompactReader.STOP; inner = in.nextField()) {
      switch (ofType) {
        case DATA_V1 -> dataV1(inner);
        case DATA_V2 -> dataV2(inner);
        default -> dictionary(inner);
      }
    }
    in.leave(outer);
  }

  private void dataV1(int kind) {
    switch (in.fieldId()) {
      case 1 -> entries = number(kind);
      case 2 -> encoding = encoding(kind);
      case 3 -> definitionEncoding = encoding(kind);
      case 4 -> repetitionEncoding = encoding(kind);
      default -> in.skip(kind);
    }
  }

  private void dataV2(int kind) {
    switch (in.fieldId()) {
      case 1 -> entries = number(kind);
      case 2 -> nulls = atMostEntries("nulls", number(kind));
      case 3 -> rows = atMostEntries("rows", number(kind));
      case 4 -> encoding = encoding(kind);
      case 5 -> definitionBytes = number(kind);
      case 6 -> repetitionBytes = number(kind);
      case 7 -> compressed = bool(kind);
      default -> in.skip(kind);
    }
  }

  // fields come in the order of their ids, so that the entries are known
  private int atMostEntries(String what, int count) {
    if (count < 0 || (entries >= 0 && count > entries)) {
      throw new CorruptPageException(
          "the page header counts %d %s, expected 0 to its %d values"
              .formatted(count, what, entries));
    }
    return count;
  }

  private void dictionary(int kind) {
    switch (in.fieldId()) {
      case 1 -> entries = number(kind);
      case 2 -> encoding = encoding(kind);
      default -> in.skip(kind);
    }
  }

  private int number(int kind) {
    if (kind != CompactReader.I32) {
      throw unexpected(kind);
    }
    return in.readI32();
  }

  private boolean bool(int kind) {
    if (kind != CompactReader.TRUE && kind != CompactReader.FALSE) {
      throw unexpected(kind);
    }
    return kind == CompactReader.TRUE;
  }

  private PageEncoding encoding(int kind) {
    return PageEncoding.of(number(kind));
  }

  private CorruptPageException unexpected(int kind) {
    return new CorruptPageException(
        "field %d of the page header has the unexpected type %d".formatted(in.fieldId(), kind));
  }

  private void check() {
    if (type < DATA_V1 || type > DATA_V2) {
      throw new CorruptPageException("the page header has the unknown page type " + type);
    }
    if (compressedSize < 0 || uncompressedSize < 0) {
      throw new CorruptPageException(
          "the page header has absurd sizes: %d bytes compressed, %d uncompressed"
              .formatted(compressedSize, uncompressedSize));
    }
    if (type != INDEX && (details != type || entries < 0)) {
      throw new CorruptPageException(
          "the page header lacks what belongs to its page type %d, or counts %d values"
              .formatted(type, entries));
    }
    long levels = (long) definitionBytes + repetitionBytes;
    if (definitionBytes < 0
        || repetitionBytes < 0
        || levels > compressedSize
        || levels > uncompressedSize) {
      throw new CorruptPageException(
          "the levels take %d and %d bytes of a page of %d bytes, %d uncompressed"
              .formatted(repetitionBytes, definitionBytes, compressedSize, uncompressedSize));
    }
  }
}
