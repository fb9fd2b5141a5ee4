package dev.firn.format.parquet.read;

import dev.firn.storage.ByteRange;
import dev.firn.storage.RangeReader;
import dev.firn.storage.RangedInputFile;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongPredicate;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.SeekableInputStream;
import org.jspecify.annotations.Nullable;

/**
 * A file as a store has it that is asked for ranges and answers later: on a thread of its own, in
 * random order, or, while it {@link #hold}s, not before {@link #answer}. Remembers what it was
 * asked for. Thread-safe.
 */
final class RemoteFile implements RangedInputFile {
  static final String LOCATION = "s3://bucket/table/data.parquet";

  private final byte[] bytes;
  private final Random random;
  private final List<String> requests = Collections.synchronizedList(new ArrayList<>());
  private final List<Runnable> held = new ArrayList<>();
  private boolean holding;
  private volatile LongPredicate failing = position -> false;
  private final AtomicLong asked = new AtomicLong();

  RemoteFile(InputFile file, long seed) {
    try (SeekableInputStream in = file.newStream()) {
      bytes = in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    random = new Random(seed);
  }

  /**
   * The requests so far: {@code length}, {@code tail}, {@code one} for a range by itself, {@code
   * all N} for N ranges at once.
   */
  List<String> requests() {
    return List.copyOf(requests);
  }

  /** The bytes that were asked for. */
  long asked() {
    return asked.get();
  }

  /** Ranges from which the position fails do so from now on. */
  void failAt(LongPredicate position) {
    failing = position;
  }

  synchronized void hold() {
    holding = true;
  }

  /** Answers what is held, and all that comes. */
  synchronized void answer() {
    holding = false;
    held.forEach(RemoteFile::background);
    held.clear();
  }

  synchronized int heldRequests() {
    return held.size();
  }

  private static void background(Runnable answer) {
    Thread thread = new Thread(answer, "remote-file");
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public RangeReader openRanges() {
    return new Ranges();
  }

  @Override
  public long getLength() {
    requests.add("length");
    return bytes.length;
  }

  @Override
  public SeekableInputStream newStream() {
    throw new AssertionError("read as a stream");
  }

  @Override
  public String location() {
    return LOCATION;
  }

  @Override
  public boolean exists() {
    throw new AssertionError("asked whether it exists");
  }

  private final class Ranges implements RangeReader {
    private boolean knowsLength;

    @Override
    public long length() {
      if (!knowsLength) {
        requests.add("length");
        knowsLength = true;
      }
      return bytes.length;
    }

    @Override
    public void readFully(long position, ByteBuffer target) throws IOException {
      requests.add("one");
      fill(new ByteRange(position, target));
    }

    @Override
    public int readTail(ByteBuffer target) throws IOException {
      requests.add("tail");
      knowsLength = true;
      int count = Math.min(target.remaining(), bytes.length);
      fill(new ByteRange(bytes.length - count, target.slice(0, count)));
      return count;
    }

    private void fill(ByteRange range) throws IOException {
      int count = range.target().remaining();
      asked.addAndGet(count);
      if (range.end() > bytes.length) {
        throw new EOFException("%d of %d".formatted(range.end(), bytes.length));
      }
      if (failing.test(range.position())) {
        throw new IOException("503 SlowDown");
      }
      range.target().put(bytes, (int) range.position(), count);
    }

    @Override
    public CompletableFuture<Void> readAll(List<ByteRange> ranges) {
      requests.add("all " + ranges.size());
      CompletableFuture<Void> done = new CompletableFuture<>();
      List<ByteRange> shuffled = new ArrayList<>(ranges);
      synchronized (RemoteFile.this) {
        Collections.shuffle(shuffled, random);
        Runnable answer = () -> answer(shuffled, done);
        if (holding) {
          held.add(answer);
        } else {
          background(answer);
        }
      }
      return done;
    }

    private void answer(List<ByteRange> ranges, CompletableFuture<Void> done) {
      @Nullable IOException failure = null;
      for (ByteRange range : ranges) {
        try {
          fill(range);
        } catch (IOException e) {
          failure = e;
        }
      }
      if (failure == null) {
        done.complete(null);
      } else {
        done.completeExceptionally(failure);
      }
    }

    @Override
    public void close() {}
  }
}
