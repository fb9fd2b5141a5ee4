package dev.firn.storage;

import org.apache.iceberg.io.OutputFile;

/** A file of a {@link Store} to write. Immutable. */
public interface StoreOutputFile extends OutputFile {
  /**
   * Starts a file that must not exist. It appears whole, in {@code close()}, or not at all; of
   * several racing writers all but one get {@code AlreadyExistsException}, here or in {@code
   * close()}.
   */
  @Override
  StoreOutputStream create();

  /** Starts a file that replaces, whole and in {@code close()}, one that may be there. */
  @Override
  StoreOutputStream createOrOverwrite();

  @Override
  RangedInputFile toInputFile();
}
