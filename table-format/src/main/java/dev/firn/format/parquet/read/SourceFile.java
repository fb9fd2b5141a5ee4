package dev.firn.format.parquet.read;

import dev.firn.error.FirnException;
import dev.firn.storage.RangeReader;
import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.iceberg.exceptions.NotFoundException;
import org.apache.iceberg.io.InputFile;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The bytes of the file, with the store's failures translated. Thread-safe. Owns the range reader.
 */
final class SourceFile implements AutoCloseable {
  /** One request must fit a {@code ByteBuffer}. */
  private static final int LARGEST_REQUEST = 1 << 30;

  /** How often bytes are read again before they are called damaged; none, of a local file. */
  static final int REREADS = 4;

  private static final Logger LOG = LoggerFactory.getLogger(SourceFile.class);

  private final String location;
  private final RangeReader ranges;
  private final Counts counts;

  private SourceFile(String location, RangeReader ranges, Counts counts) {
    this.location = location;
    this.ranges = ranges;
    this.counts = counts;
  }

  static SourceFile open(InputFile file, Counts counts) {
    try {
      return new SourceFile(file.location(), RangeReader.open(file), counts);
    } catch (NotFoundException e) {
      throw missing(file.location(), e);
    } catch (UncheckedIOException e) {
      throw unavailable(file.location(), e);
    }
  }

  String location() {
    return location;
  }

  long length() {
    return ranges.length();
  }

  boolean isLocal() {
    return ranges.isLocal();
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
    } catch (EOFException e) {
      throw FirnException.corrupt(
          "Cannot read Parquet file: it ends early, expected %d bytes at %d; restore the file [%s]"
              .formatted(length, position, location),
          e);
    } catch (FileNotFoundException | NoSuchFileException | NotFoundException e) {
      throw missing(location, e);
    } catch (IOException | UncheckedIOException e) {
      throw unavailable(location, e);
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

  private static FirnException missing(String location, Exception cause) {
    return FirnException.corrupt(
        "Cannot read Parquet file: it does not exist; restore it [" + location + "]", cause);
  }

  private static FirnException unavailable(String location, Exception cause) {
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
