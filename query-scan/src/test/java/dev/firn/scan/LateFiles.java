package dev.firn.scan;

import dev.firn.storage.ByteRange;
import dev.firn.storage.RangeReader;
import dev.firn.storage.RangedInputFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.OutputFile;
import org.apache.iceberg.io.SeekableInputStream;
import org.jspecify.annotations.Nullable;

/**
 * Another store, whose data files are read by ranges that are answered later, on other threads;
 * while it {@link #hold}s, not before {@link #answer}. Thread-safe. Borrows the store.
 */
final class LateFiles implements FileIO {
  private static final long serialVersionUID = 1L;

  private final transient FileIO store;
  private final transient List<String> requests = Collections.synchronizedList(new ArrayList<>());
  private final transient List<Runnable> held = new ArrayList<>();
  private static final long LATENCY_NANOS = 3_000_000;

  private final AtomicInteger answered = new AtomicInteger();
  private boolean holding;
  private volatile @Nullable String failing;

  LateFiles(FileIO store) {
    this.store = store;
  }

  /** The locations of the ranges asked for so far, as often as they were asked for any. */
  List<String> requests() {
    return List.copyOf(requests);
  }

  /** How many requests were answered. */
  int answered() {
    return answered.get();
  }

  /** Ranges of this file fail from now on. */
  void fail(String location) {
    failing = location;
  }

  synchronized void hold() {
    holding = true;
  }

  synchronized int heldRequests() {
    return held.size();
  }

  /** Answers what is held, and all that comes. */
  synchronized void answer() {
    holding = false;
    held.forEach(LateFiles::background);
    held.clear();
  }

  private synchronized void later(Runnable answer) {
    if (holding) {
      held.add(answer);
    } else {
      background(answer);
    }
  }

  private static void background(Runnable answer) {
    Thread thread =
        new Thread(
            () -> {
              // Whoever asked must be seen to wait: an answer at once is not late.
              LockSupport.parkNanos(LATENCY_NANOS);
              answer.run();
            },
            "late-files");
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public InputFile newInputFile(String location) {
    InputFile file = store.newInputFile(location);
    return location.contains("/data/") ? new Late(file) : file;
  }

  @Override
  public InputFile newInputFile(String location, long length) {
    return newInputFile(location);
  }

  @Override
  public OutputFile newOutputFile(String location) {
    return store.newOutputFile(location);
  }

  @Override
  public void deleteFile(String location) {
    store.deleteFile(location);
  }

  private final class Late implements RangedInputFile, RangeReader {
    private final InputFile file;

    Late(InputFile file) {
      this.file = file;
    }

    @Override
    public RangeReader openRanges() {
      return this;
    }

    @Override
    public long length() {
      throw new AssertionError("asked for a length that the manifest tells");
    }

    @Override
    public void readFully(long position, ByteBuffer target) throws IOException {
      requests.add(file.location());
      fill(new ByteRange(position, target));
    }

    private void fill(ByteRange range) throws IOException {
      if (file.location().equals(failing)) {
        throw new IOException("connection reset");
      }
      byte[] bytes = new byte[range.target().remaining()];
      try (SeekableInputStream in = file.newStream()) {
        in.seek(range.position());
        if (in.readNBytes(bytes, 0, bytes.length) < bytes.length) {
          throw new java.io.EOFException("short");
        }
      }
      range.target().put(bytes);
    }

    @Override
    public CompletableFuture<Void> readAll(List<ByteRange> ranges) {
      requests.add(file.location());
      CompletableFuture<Void> done = new CompletableFuture<>();
      later(
          () -> {
            try {
              for (ByteRange range : ranges) {
                fill(range);
              }
              done.complete(null);
              answered.incrementAndGet();
            } catch (IOException | UncheckedIOException e) {
              done.completeExceptionally(e);
            }
          });
      return done;
    }

    @Override
    public void close() {}

    @Override
    public long getLength() {
      return file.getLength();
    }

    @Override
    public SeekableInputStream newStream() {
      return file.newStream();
    }

    @Override
    public String location() {
      return file.location();
    }

    @Override
    public boolean exists() {
      return file.exists();
    }
  }
}
