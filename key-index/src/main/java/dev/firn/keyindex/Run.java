package dev.firn.keyindex;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Entries of the index, sorted by hash. Immutable; owns its memory or its file. */
final class Run implements AutoCloseable {
  private final RunShape shape;
  private final List<Slab> slabs;
  private final RunMemory memory;
  private final @Nullable RunFile file;
  private final long entries;
  private final long bytes;

  /** Takes {@code file}; null: the bytes are reserved of {@code memory}. */
  Run(RunShape shape, List<Slab> slabs, RunMemory memory, @Nullable RunFile file) {
    this.shape = shape;
    this.slabs = List.copyOf(slabs);
    this.memory = memory;
    this.file = file;
    long sum = 0;
    long size = 0;
    for (Slab slab : slabs) {
      sum += slab.entries();
      size += slab.bytes().remaining();
    }
    this.entries = sum;
    this.bytes = size;
  }

  RunShape shape() {
    return shape;
  }

  List<Slab> slabs() {
    return slabs;
  }

  Slab slab(int index) {
    return slabs.get(index);
  }

  long entries() {
    return entries;
  }

  long bytes() {
    return bytes;
  }

  boolean inMemory() {
    return file == null;
  }

  /** Looks for {@code hashes}, which ascend, each with a number in {@code keys}. */
  void find(Pairs hashesAndKeys, Pairs rowsAndKeys) {
    for (int i = 0; i < hashesAndKeys.size; i++) {
      long hash = hashesAndKeys.hashes[i];
      slabs.get(shape.slab(hash)).find(hash, hashesAndKeys.rows[i], rowsAndKeys);
    }
  }

  /** Returns the run in memory, and closes this one, where it is in a file and now fits. */
  Run promoted() {
    if (file == null || !memory.reserve(bytes)) {
      return this;
    }
    List<Slab> copies =
        slabs.stream()
            .map(
                slab -> {
                  ByteBuffer copy = ByteBuffer.allocate(slab.bytes().remaining());
                  copy.put(slab.bytes()).flip();
                  return new Slab(shape, copy.order(ByteOrder.LITTLE_ENDIAN), slab.entries());
                })
            .toList();
    Run run = new Run(shape, copies, memory, null);
    close();
    return run;
  }

  @Override
  public void close() {
    if (file == null) {
      memory.release(bytes);
    } else {
      file.close();
    }
  }
}
