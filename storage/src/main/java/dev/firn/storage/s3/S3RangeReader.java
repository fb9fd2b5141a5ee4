package dev.firn.storage.s3;

import dev.firn.storage.ByteRange;
import dev.firn.storage.RangeReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Ranges of one object, each request on its own. Thread-safe. Holds nothing.
 *
 * <p>How it works: {@link #readAll} makes one request of ranges that are near each other, several
 * of one that is long, see {@link ReadPlan}, and sends them side by side on the request threads.
 */
final class S3RangeReader implements RangeReader {
  private final S3Reads object;
  private volatile long length;

  S3RangeReader(S3Reads object, long knownLength) {
    this.object = object;
    this.length = knownLength;
  }

  @Override
  public long length() {
    if (length == S3InputFile.UNKNOWN_LENGTH) {
      length = S3InputFile.askLength(object);
    }
    return length;
  }

  @Override
  public void readFully(long position, ByteBuffer target) throws IOException {
    int count = target.remaining();
    requireWithin(position, position + count);
    if (count > 0) {
      length = object.read(List.of(new ByteRange(position, target)));
    }
  }

  @Override
  public int readTail(ByteBuffer target) throws IOException {
    int before = target.position();
    if (target.hasRemaining() && length != 0) {
      length = object.readTail(target);
    }
    return target.position() - before;
  }

  @Override
  public CompletableFuture<Void> readAll(List<ByteRange> ranges) {
    CompletableFuture<?>[] requests =
        ReadPlan.of(ranges).stream().map(this::start).toArray(CompletableFuture<?>[]::new);
    UncancellableFuture done = new UncancellableFuture();
    CompletableFuture<?> unused =
        CompletableFuture.allOf(requests)
            .whenComplete((ignored, error) -> finish(done, ranges, error));
    return done;
  }

  private static void finish(
      UncancellableFuture done, List<ByteRange> ranges, @Nullable Throwable error) {
    if (error == null) {
      ranges.forEach(range -> range.target().position(range.target().limit()));
      done.complete(null);
    } else {
      done.completeExceptionally(cause(error));
    }
  }

  private CompletableFuture<?> start(List<ByteRange> request) {
    try {
      return CompletableFuture.runAsync(() -> read(request), object.connection().requests());
    } catch (RejectedExecutionException e) {
      return CompletableFuture.failedFuture(
          new IOException("Cannot read file: its store is closed [" + object.file() + "]", e));
    }
  }

  private void read(List<ByteRange> request) {
    try {
      requireWithin(request.get(0).position(), request.get(request.size() - 1).end());
      length = object.read(request);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Throwable cause(Throwable error) {
    Throwable each = error;
    while ((each instanceof CompletionException || each instanceof UncheckedIOException)
        && each.getCause() != null) {
      each = each.getCause();
    }
    return each;
  }

  private void requireWithin(long position, long end) throws IOException {
    if (length != S3InputFile.UNKNOWN_LENGTH && end > length) {
      throw object.endsEarly(position, end, length);
    }
  }

  @Override
  public void close() {}

  /** Done only when nothing is written to its targets any more. */
  private static final class UncancellableFuture extends CompletableFuture<Void> {
    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
      return false;
    }
  }
}
