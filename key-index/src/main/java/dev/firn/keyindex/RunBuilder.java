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
  private byte[] content;
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
    this.content = new byte[(int) Math.min(1 << 30, (most / shape.slabs() + 1024) * width)];
    this.bytes = littleEndian(content);
  }

  private static ByteBuffer littleEndian(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
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
    if (at + width + Slab.PAD > content.length) {
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
    long size = content.length + content.length / 2 + 1024L;
    if (size > Integer.MAX_VALUE - 64) {
      throw new IllegalStateException("a slab of the key index exceeds two GiB");
    }
    content = Arrays.copyOf(content, (int) size);
    bytes = littleEndian(content);
  }

  private void endSlab() {
    while (bucket < shape.buckets()) {
      starts[++bucket] = entries;
    }
    int end = entries * width;
    int size = end + Slab.PAD + 4 * starts.length;
    ByteBuffer slab = littleEndian(new byte[size]);
    slab.put(content, 0, end);
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
