package dev.firn.format.parquet.page;

/** How values or levels are stored, deprecated forms among them. */
enum PageEncoding {
  PLAIN,
  /** In a data page the same as {@link #RLE_DICTIONARY}, in a dictionary page as {@link #PLAIN}. */
  PLAIN_DICTIONARY,
  RLE,
  BIT_PACKED,
  DELTA_BINARY_PACKED,
  DELTA_LENGTH_BYTE_ARRAY,
  DELTA_BYTE_ARRAY,
  RLE_DICTIONARY,
  BYTE_STREAM_SPLIT;

  /** The encoding that page headers name by {@code id}. */
  static PageEncoding of(int id) {
    return switch (id) {
      case 0 -> PLAIN;
      case 2 -> PLAIN_DICTIONARY;
      case 3 -> RLE;
      case 4 -> BIT_PACKED;
      case 5 -> DELTA_BINARY_PACKED;
      case 6 -> DELTA_LENGTH_BYTE_ARRAY;
      case 7 -> DELTA_BYTE_ARRAY;
      case 8 -> RLE_DICTIONARY;
      case 9 -> BYTE_STREAM_SPLIT;
      default -> throw new CorruptPageException("the page header names the unknown encoding " + id);
    };
  }
}
