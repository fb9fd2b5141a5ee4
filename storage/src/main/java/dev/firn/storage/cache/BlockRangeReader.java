package dev.firn.storage.cache;

import dev.firn.storage.ByteRange;
import dev.firn.storage.RangeReader;
import dev.firn.storage.RangedInputFile;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * Ranges of a remote file of which whole blocks are kept on the local disk: those that are there
 * are read in the caller's thread, those that are missing are fetched, all at once, and kept before
 * the read is done. Thread-safe. Owns the store's reader, which is opened when something is
 * missing.
 */
final class BlockRangeReader implements RangeReader {
  private final RangedInputFile file;
  private final BlockFile blocks;
  private final BlockCache cache;
  private @Nullable RangeReader opened;

  BlockRangeReader(RangedInputFile file, BlockFile blocks, BlockCache cache) {
    this.file = file;
    this.blocks = blocks;
    this.cache = cache;
  }

  @Override
  public long length() {
    return blocks.fileLength();
  }

  @Override
  public void readFully(long position, ByteBuffer target) throws IOException {
    try {
      readAll(List.of(new ByteRange(position, target))).join();
    } catch (CompletionException e) {
      rethrow(e.getCause());
    }
  }

  @Override
  public CompletableFuture<Void> readAll(List<ByteRange> ranges) {
    BlockFetch fetch = new BlockFetch(blocks, cache);
    UncancellableFuture done = new UncancellableFuture();
    try {
      for (ByteRange range : ranges) {
        requireWithin(range);
        fetch.add(range);
      }
      List<ByteRange> missing = fetch.missing();
      CompletableFuture<Void> fetched =
          missing.isEmpty() ? CompletableFuture.completedFuture(null) : opened().readAll(missing);
      CompletableFuture<Void> unused =
          fetched.whenComplete((nothing, error) -> finish(fetch, ranges, done, error));
    } catch (IOException | RuntimeException e) {
      done.completeExceptionally(e);
    }
    return done;
  }

  private static void finish(
      BlockFetch fetch,
      List<ByteRange> ranges,
      CompletableFuture<Void> done,
      @Nullable Throwable error) {
    try {
      if (error != null) {
        done.completeExceptionally(error instanceof CompletionException e ? e.getCause() : error);
        return;
      }
      fetch.finish();
      ranges.forEach(range -> range.target().position(range.target().limit()));
      done.complete(null);
    } catch (RuntimeException | Error e) {
      done.completeExceptionally(e);
    }
  }

  @Override
  public void distrust(long position, long length) {
    if (length > 0) {
      cache.forget(
          blocks,
          position / BlockFile.BLOCK_BYTES,
          (position + length - 1) / BlockFile.BLOCK_BYTES);
    }
  }

  @Override
  public synchronized void close() throws IOException {
    if (opened != null) {
      opened.close();
    }
  }

  private synchronized RangeReader opened() {
    if (opened == null) {
      opened = file.openRanges();
    }
    return opened;
  }

  private void requireWithin(ByteRange range) throws EOFException {
    if (range.end() > length()) {
      throw new EOFException(
          "Cannot read file: it ends early, expected %d bytes from %d, got %d [%s]"
              .formatted(
                  range.target().remaining(),
                  range.position(),
                  Math.max(0, length() - range.position()),
                  file.location()));
    }
  }

  private static void rethrow(@Nullable Throwable cause) throws IOException {
    if (cause instanceof IOException e) {
      throw e;
    }
    if (cause instanceof UncheckedIOException e) {
      throw e.getCause();
    }
    if (cause instanceof RuntimeException e) {
      throw e;
    }
    throw new IOException(cause);
  }

  /** Done only when nothing is written to its targets any more. */
  private static final class UncancellableFuture extends CompletableFuture<Void> {
    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
      return false;
    }
  }
}
