package dev.firn.change;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.LongBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;

/**
 * An array of longs, all zero at first: on the heap while it is small, else in a local file that is
 * mapped into memory. Confined to one thread.
 */
final class LongArray {
  /** Longs of one mapping: half a gibibyte. */
  private static final int SEGMENT_BITS = 26;

  private static final long SEGMENT = 1L << SEGMENT_BITS;

  private final LongBuffer[] segments;

  /** {@code mostHeap} is the most longs on the heap. */
  LongArray(long length, long mostHeap, Scratch scratch, String name) {
    int count = Math.toIntExact((length + SEGMENT - 1) >>> SEGMENT_BITS);
    this.segments = new LongBuffer[count];
    if (length <= Math.min(mostHeap, SEGMENT)) {
      segments[0] = LongBuffer.allocate((int) length);
      return;
    }
    try (FileChannel file =
        FileChannel.open(
            scratch.file(name),
            StandardOpenOption.CREATE_NEW,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE)) {
      for (int i = 0; i < count; i++) {
        long longs = Math.min(SEGMENT, length - i * SEGMENT);
        segments[i] =
            file.map(FileChannel.MapMode.READ_WRITE, i * SEGMENT * 8, longs * 8).asLongBuffer();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  long get(long index) {
    return segments[(int) (index >>> SEGMENT_BITS)].get((int) (index & (SEGMENT - 1)));
  }

  void set(long index, long value) {
    segments[(int) (index >>> SEGMENT_BITS)].put((int) (index & (SEGMENT - 1)), value);
  }
}
