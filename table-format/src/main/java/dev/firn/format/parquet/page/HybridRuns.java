package dev.firn.format.parquet.page;

import java.util.Arrays;
import org.apache.arrow.memory.util.MemoryUtil;

/**
 * Parquet's hybrid of repeated and bit-packed runs: a cursor over small numbers of one width.
 * Memory up to {@link Scratch#PAD} past its end must be readable. Too few numbers are a {@link
 * CorruptPageException}.
 *
 * @see <a href="https://parquet.apache.org/docs/file-format/data-pages/encodings/#RLE">Encoding</a>
 */
final class HybridRuns {
  private long position;
  private final long end;
  private final int width;

  private int left;
  private boolean repeated;
  private int value;
  private long packed;
  private long index;

  /** Over the runs in {@code [from, to)}; with {@code width} 0 there are endlessly many zeros. */
  HybridRuns(long from, long to, int width) {
    if (width < 0 || width > 32) {
      throw new CorruptPageException("numbers of %d bits, expected 0 to 32".formatted(width));
    }
    this.position = from;
    this.end = to;
    this.width = width;
  }

  /** One bit-packed run without a header. */
  static HybridRuns packed(long from, long to, int width) {
    HybridRuns runs = new HybridRuns(to, to, width);
    runs.packed = from;
    runs.left = (int) Math.min(Integer.MAX_VALUE, (to - from) * 8 / width);
    return runs;
  }

  /**
   * Numbers left in the current run, one or more: moves to the next run where the current one is
   * used up.
   */
  int left() {
    if (left == 0) {
      nextRun();
    }
    return left;
  }

  /** Whether the current run repeats {@link #value()}. */
  boolean isRepeated() {
    return repeated;
  }

  int value() {
    return value;
  }

  /**
   * Where the current bit-packed run starts; {@link #index()} tells which of its numbers is next.
   */
  long packed() {
    return packed;
  }

  long index() {
    return index;
  }

  /** Passes over {@code count} numbers of the current run. */
  void advance(int count) {
    left -= count;
    index += count;
  }

  /** Reads {@code count} numbers. */
  void read(int count, int[] out, int offset) {
    int at = offset;
    int wanted = count;
    while (wanted > 0) {
      int now = Math.min(wanted, left());
      readRun(now, out, at);
      at += now;
      wanted -= now;
    }
  }

  private void readRun(int count, int[] out, int offset) {
    if (repeated) {
      Arrays.fill(out, offset, offset + count, value);
    } else {
      BitUnpacker.unpack(packed, index, width, out, offset, count);
    }
    advance(count);
  }

  /**
   * As {@link #read}, but stops before a run that has {@code enough} numbers, or amid a packed one
   * as soon as its next number starts a byte; returns how many were read, one or more.
   */
  int readShort(int count, int[] out, int enough) {
    int at = 0;
    while (at < count) {
      int now = Math.min(count - at, left());
      if (left >= enough) {
        if (at > 0) {
          break;
        }
        now = repeated ? now : Math.min(now, 8 - (int) (index & 7));
      }
      readRun(now, out, at);
      at += now;
    }
    return at;
  }

  /** Passes over {@code count} numbers. */
  void skip(int count) {
    int wanted = count;
    while (wanted > 0) {
      int now = Math.min(wanted, left());
      advance(now);
      wanted -= now;
    }
  }

  private void nextRun() {
    if (width == 0) {
      repeated = true;
      left = Integer.MAX_VALUE;
      return;
    }
    long header = readHeader();
    index = 0;
    if ((header & 1) == 0) {
      repeated = true;
      left = (int) (header >>> 1);
      value = readValue();
    } else {
      repeated = false;
      startPacked(header >>> 1);
    }
    if (left == 0) {
      throw new CorruptPageException("a run of no numbers");
    }
  }

  private void startPacked(long groups) {
    long bytes = groups * width;
    packed = position;
    if (bytes > end - position) {
      // some writers cut the padding of the last run off
      bytes = end - position;
      left = (int) Math.min(Integer.MAX_VALUE, bytes * 8 / width);
    } else {
      left = (int) Math.min(Integer.MAX_VALUE, groups * 8);
    }
    position += bytes;
  }

  private long readHeader() {
    long header = 0;
    for (int shift = 0; shift < 35; shift += 7) {
      if (position >= end) {
        throw new CorruptPageException("runs are cut off: fewer values than expected");
      }
      byte next = MemoryUtil.getByte(position++);
      header |= (next & 0x7fL) << shift;
      if (next >= 0) {
        break;
      }
    }
    if (header >>> 32 != 0) {
      throw new CorruptPageException(
          "a run of %d numbers, expected less than 2^31".formatted(header >>> 1));
    }
    return header;
  }

  private int readValue() {
    int bytes = (width + 7) >>> 3;
    if (bytes > end - position) {
      throw new CorruptPageException("runs are cut off: no value to repeat");
    }
    int read = 0;
    for (int i = 0; i < bytes; i++) {
      read |= (MemoryUtil.getByte(position++) & 0xff) << (8 * i);
    }
    if (width < 32 && read >>> width != 0) {
      throw new CorruptPageException(
          "%d is repeated, expected at most %d bits".formatted(read, width));
    }
    return read;
  }
}
