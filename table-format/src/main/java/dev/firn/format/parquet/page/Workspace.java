package dev.firn.format.parquet.page;

import org.apache.arrow.memory.BufferAllocator;
import org.jspecify.annotations.Nullable;

/**
 * Memory that the decoders of one chunk use within a call, {@link #carried()} apart never from call
 * to call. Owns it.
 */
final class Workspace implements AutoCloseable {
  private final BufferAllocator allocator;
  private final Scratch stored;
  private final Scratch converted;
  private final Scratch carried;
  private long[] longs = new long[0];
  private int[] numbers = new int[0];
  private int[] selected = new int[0];
  private @Nullable VarBuffers texts;

  Workspace(BufferAllocator allocator) {
    this.allocator = allocator;
    this.stored = new Scratch(allocator);
    this.converted = new Scratch(allocator);
    this.carried = new Scratch(allocator);
  }

  /** An array of {@code count} or more. */
  int[] numbers(int count) {
    if (numbers.length < count) {
      numbers = new int[Math.max(count, 2 * numbers.length)];
    }
    return numbers;
  }

  /** Another array of {@code count} or more. */
  int[] selected(int count) {
    if (selected.length < count) {
      selected = new int[Math.max(count, 2 * selected.length)];
    }
    return selected;
  }

  /** An array of {@code count} or more. */
  long[] longs(int count) {
    if (longs.length < count) {
      longs = new long[count];
    }
    return longs;
  }

  /** For what the decoder of the current page keeps from value to value. */
  Scratch carried() {
    return carried;
  }

  /** Values as stored. */
  Scratch stored() {
    return stored;
  }

  /** Values after conversion. */
  Scratch converted() {
    return converted;
  }

  /** Values of variable length that are converted. */
  VarBuffers texts() {
    VarBuffers made = texts;
    if (made == null) {
      made = new VarBuffers(allocator);
      texts = made;
    }
    return made;
  }

  @Override
  public void close() {
    stored.close();
    converted.close();
    carried.close();
    if (texts != null) {
      texts.close();
    }
  }
}
