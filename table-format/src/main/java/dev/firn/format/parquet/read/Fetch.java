package dev.firn.format.parquet.read;

import dev.firn.storage.ByteRange;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Ranges of the file on their way into memory, all asked for at once: by whoever comes first, an
 * executor or the one who needs them. Thread-safe. Borrows the targets until {@link #end}.
 */
final class Fetch implements Runnable {
  private final SourceFile file;
  private final List<ByteRange> ranges;
  private final AtomicBoolean begun = new AtomicBoolean();
  private final CompletableFuture<Void> done = new CompletableFuture<>();

  Fetch(SourceFile file, List<ByteRange> ranges) {
    this.file = file;
    this.ranges = List.copyOf(ranges);
  }

  /** Asks for the ranges, unless that was done; waits only where the store does in the call. */
  @Override
  public void run() {
    if (begun.compareAndSet(false, true)) {
      CompletableFuture<Void> unused = file.readAll(ranges).whenComplete(this::finish);
    }
  }

  private void finish(@Nullable Void nothing, @Nullable Throwable failure) {
    if (failure == null) {
      done.complete(null);
    } else {
      done.completeExceptionally(failure);
    }
  }

  boolean isDone() {
    return done.isDone();
  }

  /** Returns once the bytes are here, and asks for them where nobody did. */
  void await() {
    run();
    try {
      done.join();
    } catch (CompletionException e) {
      throw file.translated(e.getCause() == null ? e : e.getCause());
    }
  }

  /** Returns once nothing is written to the targets any more; asks for nothing. */
  void end() {
    if (!begun.compareAndSet(false, true)) {
      boolean unused = done.handle((nothing, failure) -> true).join();
    }
  }
}
