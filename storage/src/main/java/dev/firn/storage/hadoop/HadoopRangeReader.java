package dev.firn.storage.hadoop;

import dev.firn.storage.ByteRange;
import dev.firn.storage.RangeReader;
import dev.firn.storage.StoreMeter;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileRange;
import org.apache.hadoop.fs.StreamCapabilities;
import org.jspecify.annotations.Nullable;

/**
 * Positioned and vectored reads of a Hadoop stream. Thread-safe, as those are. Owns the stream.
 *
 * <p>Hadoop may read several ranges into one buffer of its own, so what it reads in vectors is
 * copied: memory for the ranges is needed twice until each is there.
 */
final class HadoopRangeReader implements RangeReader {
  private static final int COPY_BYTES = 256 * 1024;
  private static final long UNKNOWN = -1;

  private final HadoopInputFile file;
  private final FSDataInputStream stream;
  private volatile long length = UNKNOWN;

  HadoopRangeReader(HadoopInputFile file, FSDataInputStream stream) {
    this.file = file;
    this.stream = stream;
  }

  @Override
  public long length() {
    if (length == UNKNOWN) {
      length = file.getLength();
    }
    return length;
  }

  @Override
  public void readFully(long position, ByteBuffer target) throws IOException {
    int count = target.remaining();
    if (count == 0) {
      return;
    }
    try {
      if (target.hasArray()) {
        stream.readFully(position, target.array(), target.arrayOffset() + target.position(), count);
        target.position(target.limit());
      } else if (stream.hasCapability(StreamCapabilities.PREADBYTEBUFFER)) {
        stream.readFully(position, target);
      } else {
        readInPieces(position, target);
      }
    } catch (EOFException e) {
      throw HadoopFailure.tooShort(file.location(), position, count, e);
    }
    file.meter().add(StoreMeter.Event.BYTES_READ, count);
  }

  private void readInPieces(long position, ByteBuffer target) throws IOException {
    byte[] piece = new byte[Math.min(COPY_BYTES, target.remaining())];
    long next = position;
    while (target.hasRemaining()) {
      int count = Math.min(piece.length, target.remaining());
      stream.readFully(next, piece, 0, count);
      target.put(piece, 0, count);
      next += count;
    }
  }

  @Override
  public CompletableFuture<Void> readAll(List<ByteRange> ranges) {
    List<ByteRange> wanted = ranges.stream().filter(each -> each.target().hasRemaining()).toList();
    if (wanted.size() < 2) {
      return RangeReader.super.readAll(wanted);
    }
    List<FileRange> asked = new ArrayList<>();
    for (ByteRange each : wanted) {
      asked.add(FileRange.createFileRange(each.position(), each.target().remaining()));
    }
    try {
      stream.readVectored(asked, ByteBuffer::allocate);
    } catch (EOFException e) {
      return CompletableFuture.failedFuture(tooShort(wanted.get(0), e));
    } catch (IOException | RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
    CompletableFuture<?>[] copies = new CompletableFuture<?>[wanted.size()];
    for (int i = 0; i < copies.length; i++) {
      ByteRange range = wanted.get(i);
      copies[i] = asked.get(i).getData().handle((bytes, error) -> copy(range, bytes, error));
    }
    return CompletableFuture.allOf(copies);
  }

  private boolean copy(ByteRange range, @Nullable ByteBuffer bytes, @Nullable Throwable error) {
    if (error != null) {
      throw new CompletionException(
          error instanceof EOFException early ? tooShort(range, early) : error);
    }
    if (bytes == null || bytes.remaining() != range.target().remaining()) {
      throw new CompletionException(tooShort(range, new EOFException()));
    }
    file.meter().add(StoreMeter.Event.BYTES_READ, bytes.remaining());
    range.target().put(bytes);
    return true;
  }

  private EOFException tooShort(ByteRange range, EOFException cause) {
    return HadoopFailure.tooShort(
        file.location(), range.position(), range.target().remaining(), cause);
  }

  @Override
  public void close() throws IOException {
    stream.close();
  }
}
