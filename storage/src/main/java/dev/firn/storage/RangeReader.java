package dev.firn.storage;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.RangeReadable;
import org.apache.iceberg.io.SeekableInputStream;

/**
 * Positioned reads of one file. Thread-safe. Owns its stream.
 *
 * <p>Errors of the reads: an {@code EOFException} where the file is too short, {@code
 * NotFoundException} or {@code FileNotFoundException} where it is missing, any other {@code
 * IOException} where the store failed. What is in a target after a failure is not defined.
 */
public interface RangeReader extends Closeable {
  /**
   * Opens any file: one of ours through its store, another through positioned or sequential stream
   * reads. Fails as {@link InputFile#newStream()} of the file does.
   */
  static RangeReader open(InputFile file) {
    if (file instanceof RangedInputFile ranged) {
      return ranged.openRanges();
    }
    long length = file.getLength();
    SeekableInputStream stream = file.newStream();
    return stream instanceof RangeReadable
        ? new PositionedRangeReader(file.location(), length, stream)
        : new SeekingRangeReader(file.location(), length, stream);
  }

  /** The file's length in bytes, asked of the store where neither caller nor a read told it yet. */
  long length();

  /** Whether many small reads cost no more than few large ones, as on a local disk. */
  default boolean isLocal() {
    return false;
  }

  /** Fills {@code target} from {@code position} of the file, in one request. */
  void readFully(long position, ByteBuffer target) throws IOException;

  /**
   * Fills {@code target}, from its position, with the file's last bytes, or with all of a file that
   * has fewer, in one request that also tells the length.
   *
   * @return how many bytes were read
   */
  default int readTail(ByteBuffer target) throws IOException {
    int count = (int) Math.min(target.remaining(), length());
    readFully(length() - count, target.slice(target.position(), count));
    target.position(target.position() + count);
    return count;
  }

  /**
   * Tells that {@code length} bytes from {@code position} did not come as they were written: the
   * next read of them asks the store. Does nothing where nothing is kept.
   */
  default void distrust(long position, long length) {}

  /**
   * Starts to fill the targets of ranges that do not overlap, in whatever order; a store may refuse
   * overlapping ones with an {@code IllegalArgumentException}. A store where requests are slow
   * reads near ranges in one of them, and requests side by side; others read here and now. The
   * targets are borrowed until the future is done, which it is, normally or not, only when nothing
   * is written to any of them any more; cancelling it has no effect.
   *
   * @return fails with what {@link #readFully} throws, of any of the ranges
   */
  default CompletableFuture<Void> readAll(List<ByteRange> ranges) {
    try {
      for (ByteRange range : ranges) {
        readFully(range.position(), range.target());
      }
      return CompletableFuture.completedFuture(null);
    } catch (IOException | RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
  }
}
