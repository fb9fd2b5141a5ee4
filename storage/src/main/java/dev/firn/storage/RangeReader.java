package dev.firn.storage;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.RangeReadable;
import org.apache.iceberg.io.SeekableInputStream;

/** Positioned reads of one file. Thread-safe. Owns its stream. */
public interface RangeReader extends Closeable {
  /**
   * Opens any file: a local one through its channel, another through positioned or sequential
   * stream reads. Fails as {@link InputFile#newStream()} of the file does.
   */
  static RangeReader open(InputFile file) {
    if (file instanceof LocalInputFile local) {
      return ChannelRangeReader.open(local);
    }
    long length = file.getLength();
    SeekableInputStream stream = file.newStream();
    return stream instanceof RangeReadable
        ? new PositionedRangeReader(file.location(), length, stream)
        : new SeekingRangeReader(file.location(), length, stream);
  }

  /** The file's length in bytes. */
  long length();

  /** Whether many small reads cost no more than few large ones, as on a local disk. */
  default boolean isLocal() {
    return false;
  }

  /**
   * Fills {@code target} from {@code position} of the file; an {@code EOFException} where the file
   * is too short. What is in {@code target} after a failure is not defined.
   */
  void readFully(long position, ByteBuffer target) throws IOException;
}
