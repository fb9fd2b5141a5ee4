package dev.firn.storage;

import org.apache.iceberg.io.InputFile;

/** A file of a {@link Store} to read. Immutable. */
public interface RangedInputFile extends InputFile {
  /**
   * Opens the file for ranged reads. Whether it exists may show only at the first of them. Where
   * the file was made with its length, a store is not asked for it.
   */
  RangeReader openRanges();
}
