package dev.firn.change;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Bytes that are written once, from front to end, and then read anywhere: on the heap while they
 * are few, else in a local file. Confined to one thread.
 */
final class RowLog implements AutoCloseable {
  private static final int WINDOW = 8 << 10;
  private static final int BLOCK = 1 << 20;

  private final int mostHeap;
  private final Scratch scratch;
  private byte[] heap = new byte[4 << 10];
  private int used;
  private long flushed;
  private @Nullable FileChannel file;
  private ByteBuffer window = ByteBuffer.allocate(WINDOW).limit(0);
  private long windowAt;

  /** {@code mostHeap} is the most bytes on the heap. */
  RowLog(int mostHeap, Scratch scratch) {
    this.mostHeap = mostHeap;
    this.scratch = scratch;
  }

  /** Returns the place of the next byte. */
  long size() {
    return flushed + used;
  }

  boolean isOnDisk() {
    return file != null;
  }

  void append(byte[] bytes, int count) {
    if (used > 0 && (long) used + count > (file == null ? mostHeap : BLOCK)) {
      flush();
    }
    if (heap.length - used < count) {
      heap = Arrays.copyOf(heap, (int) Math.max((long) used + count, Math.min(2L * used, 1 << 30)));
    }
    System.arraycopy(bytes, 0, heap, used, count);
    used += count;
  }

  /** Writes out what waits on the heap. */
  private void flush() {
    try {
      FileChannel to = file;
      if (to == null) {
        to =
            FileChannel.open(
                scratch.file("rows"),
                StandardOpenOption.CREATE_NEW,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE);
        file = to;
      }
      ByteBuffer waiting = ByteBuffer.wrap(heap, 0, used);
      while (waiting.hasRemaining()) {
        to.write(waiting);
      }
      flushed += used;
      used = 0;
      heap = heap.length > BLOCK ? new byte[BLOCK] : heap;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns {@code count} bytes from {@code at} on, valid until the next call. */
  ByteBuffer read(long at, int count) {
    if (at >= flushed) {
      return ByteBuffer.wrap(heap, (int) (at - flushed), count);
    }
    if (at < windowAt || at + count > windowAt + window.limit()) {
      load(at, count);
    }
    return window.duplicate().position((int) (at - windowAt)).limit((int) (at - windowAt) + count);
  }

  private void load(long at, int count) {
    FileChannel from = file;
    if (from == null) {
      throw new IllegalStateException("Cannot read a log that was not written");
    }
    if (window.capacity() < count) {
      window = ByteBuffer.allocate(count);
    }
    window.clear();
    windowAt = at;
    try {
      while (window.position() < count) {
        int read = from.read(window, at + window.position());
        if (read < 0) {
          throw new IOException("the temporary file of a merge ends too early");
        }
      }
    } catch (IOException e) {
      window.limit(0);
      throw new UncheckedIOException(e);
    }
    window.flip();
  }

  @Override
  public void close() {
    try {
      if (file != null) {
        file.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
