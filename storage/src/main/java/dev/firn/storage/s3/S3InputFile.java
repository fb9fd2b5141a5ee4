package dev.firn.storage.s3;

import dev.firn.storage.RangeReader;
import dev.firn.storage.RangedInputFile;
import java.util.Optional;
import org.apache.iceberg.exceptions.NotFoundException;
import org.apache.iceberg.io.SeekableInputStream;

/**
 * An object to read. Immutable.
 *
 * @param knownLength in bytes, or {@link #UNKNOWN_LENGTH}
 */
record S3InputFile(S3Reads object, long knownLength) implements RangedInputFile {
  static final long UNKNOWN_LENGTH = -1;

  @Override
  public RangeReader openRanges() {
    return new S3RangeReader(object, knownLength);
  }

  @Override
  public SeekableInputStream newStream() {
    return new S3InputStream(object, knownLength);
  }

  @Override
  public long getLength() {
    return knownLength == UNKNOWN_LENGTH ? askLength(object) : knownLength;
  }

  /** Asks the store. */
  static long askLength(S3Reads object) {
    Optional<Long> length = object.head();
    if (length.isEmpty()) {
      throw new NotFoundException("Cannot read file: it does not exist [%s]", object.file());
    }
    return length.get();
  }

  @Override
  public boolean exists() {
    return object.head().isPresent();
  }

  @Override
  public String location() {
    return object.file().toString();
  }

  @Override
  public String toString() {
    return location();
  }
}
