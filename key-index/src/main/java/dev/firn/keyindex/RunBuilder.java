package dev.firn.keyindex;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Packs entries, which come sorted by hash, into a run: a builder. Confined to one thread. Takes
 * heap for one slab at a time where the run goes to a file. Close it in any case.
 */
final class RunBuilder implements AutoCloseable {
  private final RunMemory memory;
  private final RunShape shape;
  private final @Nullable RunFile file;
  private final List<Slab> slabs = new ArrayList<>();
  private final int[] starts;
  private final int restBits;
  private final int width;
  private final long restMask;
  private long reserved;
  private ByteBuffer bytes;
  private int entries;
  private int bucket;
  private boolean done;

  /** For at most {@code most} entries. */
  RunBuilder(RunMemory memory, RunShape shape, long most) {
    this.memory = memory;
    this.shape = shape;
    this.restBits = shape.restBits();
    this.width = shape.width();
    this.restMask = shape.restMask();
    this.starts = new int[shape.buckets() + 1];
    long size = most * width + shape.slabs() * (Slab.PAD + 4L * starts.length);
    boolean fits = memory.reserve(size);
    this.reserved = fits ? size : 0;
    this.file = fits ? null : memory.create();
    this.bytes = buffer((int) Math.min(1 << 30, (most / shape.slabs() + 1024) * width));
  }

  private static ByteBuffer buffer(int size) {
    return ByteBuffer.allocate(size + Slab.PAD).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Adds an entry; hashes ascend, compared as unsigned. */
  void add(long hash, long row) {
    int slab = shape.slab(hash);
    while (slab > slabs.size()) {
      endSlab();
    }
    int next = shape.bucket(hash);
    while (bucket < next) {
      starts[++bucket] = entries;
    }
    int at = entries * width;
    if (at + width > bytes.capacity() - Slab.PAD) {
      grow();
    }
    long rest = hash & restMask;
    long number = row - shape.firstRow();
    if (restBits == Long.SIZE) {
      bytes.putLong(at, rest);
      bytes.putLong(at + 8, number);
    } else {
      bytes.putLong(at, rest | (number << restBits));
      if (width > 8) {
        bytes.putLong(at + 8, number >>> (Long.SIZE - restBits));
      }
    }
    entries++;
  }

  private void grow() {
    long size = bytes.capacity() + (long) (bytes.capacity() >> 1) + 1024;
    if (size > Integer.MAX_VALUE - 64) {
      throw new IllegalStateException("a slab of the key index exceeds two GiB");
    }
    ByteBuffer grown = buffer((int) size);
    grown.put(bytes.array(), 0, entries * width);
    bytes = grown;
  }

  private void endSlab() {
    while (bucket < shape.buckets()) {
      starts[++bucket] = entries;
    }
    int end = entries * width;
    int size = end + Slab.PAD + 4 * starts.length;
    ByteBuffer slab = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    slab.put(bytes.array(), 0, end);
    slab.position(end + Slab.PAD);
    slab.asIntBuffer().put(starts);
    slab.rewind();
    slabs.add(new Slab(shape, file == null ? slab : file.append(slab), entries));
    Arrays.fill(starts, 0);
    entries = 0;
    bucket = 0;
  }

  Run build() {
    while (slabs.size() < shape.slabs()) {
      endSlab();
    }
    Run run = new Run(shape, slabs, memory, file);
    if (file == null) {
      memory.release(reserved - run.bytes());
    }
    done = true;
    return run;
  }

  @Override
  public void close() {
    if (!done) {
      done = true;
      memory.release(reserved);
      if (file != null) {
        file.close();
      }
    }
  }
}
