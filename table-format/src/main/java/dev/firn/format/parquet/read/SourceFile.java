package dev.firn.format.parquet.read;

import dev.firn.error.FirnException;
import dev.firn.storage.ByteRange;
import dev.firn.storage.RangeReader;
import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.iceberg.exceptions.NotFoundException;
import org.apache.iceberg.io.InputFile;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The bytes of the file, with the store's failures translated. Thread-safe. Owns the range reader.
 */
final class SourceFile implements AutoCloseable {
  /** The length is not known before the store tells it. */
  static final long UNKNOWN_LENGTH = -1;

  /** One request must fit a {@code ByteBuffer}. */
  static final int LARGEST_REQUEST = 1 << 30;

  /** How often bytes are read again before they are called damaged; none, of a local file. */
  static final int REREADS = 4;

  private static final Logger LOG = LoggerFactory.getLogger(SourceFile.class);

  private final String location;
  private final RangeReader ranges;
  private final long knownLength;
  private final Counts counts;
  private volatile boolean asked;
  private volatile boolean late;

  private SourceFile(String location, RangeReader ranges, long knownLength, Counts counts) {
    this.location = location;
    this.ranges = ranges;
    this.knownLength = knownLength;
    this.counts = counts;
  }

  /** Opens the file; what it is said to be long is believed, unless it is local. */
  static SourceFile open(InputFile file, long knownLength, Counts counts) {
    try {
      RangeReader ranges = RangeReader.open(file);
      long known = ranges.isLocal() ? ranges.length() : knownLength;
      return new SourceFile(file.location(), ranges, known, counts);
    } catch (NotFoundException e) {
      throw missing(file.location(), e);
    } catch (UncheckedIOException e) {
      throw unavailable(file.location(), e);
    }
  }

  String location() {
    return location;
  }

  /** Asks the store where neither the caller nor {@link #readTail} told. */
  long length() {
    if (isLengthKnown()) {
      return knownLength;
    }
    try {
      return ranges.length();
    } catch (RuntimeException e) {
      throw translated(e);
    }
  }

  boolean isLengthKnown() {
    return knownLength != UNKNOWN_LENGTH;
  }

  boolean isLocal() {
    return ranges.isLocal();
  }

  /** Whether the store was seen to answer {@link #readAll} at once: it does nothing on its own. */
  boolean answersAtOnce() {
    return asked && !late;
  }

  /** Whether the store was seen to answer {@link #readAll} later. */
  boolean answersLater() {
    return late;
  }

  /** Fills {@code target}, whose failures are the store's own. */
  void readFully(long position, ByteBuffer target) throws IOException {
    int count = target.remaining();
    ranges.readFully(position, target);
    counts.bytesRead.addAndGet(count);
  }

  /** Fills {@code target[at, at + length)} from {@code position} of the file. */
  void read(long position, long length, ArrowBuf target, long at) {
    try {
      for (long done = 0; done < length; ) {
        int count = (int) Math.min(LARGEST_REQUEST, length - done);
        readFully(position + done, target.nioBuffer(at + done, count));
        done += count;
      }
    } catch (IOException | RuntimeException e) {
      throw translated(e);
    }
  }

  /** As {@link #read}, of bytes that did not come as they were written; {@code what} names them. */
  void readAgain(String what, long position, long length, ArrowBuf target, long at) {
    countAgain(what, position, length);
    read(position, length, target, at);
  }

  /** Tells that bytes are read again, of the store and of no cache. */
  void countAgain(String what, long position, long length) {
    LOG.warn(
        "Reading {} of {} again: bytes [{}, {}) did not come as they were written",
        what,
        location,
        position,
        position + length);
    counts.rereads.incrementAndGet();
    ranges.distrust(position, length);
  }

  /**
   * Fills {@code target} from its start with at most {@code most} of the file's last bytes, and
   * learns the length by it; returns how many there were.
   */
  int readTail(int most, ArrowBuf target) {
    try {
      int count = ranges.readTail(target.nioBuffer(0, most));
      counts.bytesRead.addAndGet(count);
      return count;
    } catch (IOException | RuntimeException e) {
      throw translated(e);
    }
  }

  /**
   * Starts to fill the targets, as {@link RangeReader#readAll} does; never throws. The future fails
   * with what is {@link #translated}.
   */
  CompletableFuture<Void> readAll(List<ByteRange> wanted) {
    long bytes = wanted.stream().mapToLong(range -> range.target().remaining()).sum();
    CompletableFuture<Void> read;
    try {
      read = ranges.readAll(wanted);
    } catch (RuntimeException | Error e) {
      read = CompletableFuture.failedFuture(e);
    }
    if (!read.isDone()) {
      late = true;
    }
    asked = true;
    counts.bytesRead.addAndGet(bytes);
    return read;
  }

  /** What to throw for a failure of the store. */
  RuntimeException translated(Throwable failure) {
    if (failure instanceof FirnException known) {
      return known;
    }
    if (failure instanceof EOFException) {
      return FirnException.corrupt(
          "Cannot read Parquet file: it ends early: %s; restore the file [%s]"
              .formatted(failure.getMessage(), location),
          failure);
    }
    if (failure instanceof FileNotFoundException
        || failure instanceof NoSuchFileException
        || failure instanceof NotFoundException) {
      return missing(location, failure);
    }
    if (failure instanceof IOException || failure instanceof UncheckedIOException) {
      return unavailable(location, failure);
    }
    if (failure instanceof Error error) {
      throw error;
    }
    return failure instanceof RuntimeException unchecked
        ? unchecked
        : new IllegalStateException(failure);
  }

  private static FirnException missing(String location, Throwable cause) {
    return FirnException.corrupt(
        "Cannot read Parquet file: it does not exist; restore it [" + location + "]", cause);
  }

  private static FirnException unavailable(String location, Throwable cause) {
    return FirnException.unavailable(
        "Cannot read Parquet file: the store does not answer: %s [%s]"
            .formatted(cause.getMessage(), location),
        cause);
  }

  @Override
  public void close() {
    try {
      ranges.close();
    } catch (IOException e) {
      throw unavailable(location, e);
    }
  }
}
