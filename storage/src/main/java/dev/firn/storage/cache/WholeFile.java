package dev.firn.storage.cache;

import dev.firn.storage.RangedInputFile;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import org.apache.iceberg.exceptions.NotFoundException;
import org.jspecify.annotations.Nullable;

/**
 * All bytes of a small file, never changed; none where it is too long to be kept. Immutable.
 *
 * @param bytes null: longer than files that are kept
 */
@SuppressWarnings("ArrayRecordComponent")
record WholeFile(byte @Nullable [] bytes) implements Weighed {
  private static final int ARRAY_HEADER = 16;

  /** Reads it in one request: whole bodies are what a store has checksums of. */
  static WholeFile read(RangedInputFile file, long most) throws IOException {
    int limit = Math.toIntExact(most);
    try (InputStream in = file.newStream()) {
      byte[] bytes = in.readNBytes(limit);
      // One byte more tells whether the limit was the end.
      return bytes.length < limit || in.read() < 0 ? new WholeFile(bytes) : new WholeFile(null);
    } catch (FileNotFoundException e) {
      throw new NotFoundException(e, "File does not exist: %s", file.location());
    }
  }

  /** Reads a file of known length in one request. */
  static WholeFile readExactly(RangedInputFile file, long length) throws IOException {
    WholeFile whole = read(file, length);
    byte[] bytes = whole.bytes();
    if (bytes == null || bytes.length < length) {
      throw new IOException(
          "Cannot read file: expected %d bytes, got %s [%s]"
              .formatted(length, bytes == null ? "more" : bytes.length, file.location()));
    }
    return whole;
  }

  @Override
  public long weight() {
    return bytes == null ? 0 : ARRAY_HEADER + bytes.length;
  }
}
