package dev.firn.format.parquet.page;

/** A chunk's dictionary, decoded and converted. Valid until the chunk closes. */
public interface Dictionary {
  /** Number of entries. */
  int size();

  /** Bytes of each entry after conversion; 0 for variable length. */
  int width();

  /**
   * Address of the entries: fixed width, one after the other, or the bytes of all, one after the
   * other.
   */
  long address();

  /** For variable length: where entry {@code id} starts; {@code id = size()} gives the end. */
  int offset(int id);

  /** The longest entry in bytes. */
  int longest();
}
