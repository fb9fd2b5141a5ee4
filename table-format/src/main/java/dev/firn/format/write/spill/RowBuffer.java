package dev.firn.format.write.spill;

import dev.firn.format.arrow.ArrowTake;
import dev.firn.format.write.key.Keys;
import dev.firn.format.write.key.RowOrder;
import dev.firn.format.write.key.RowSort;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.OutOfMemoryException;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.jspecify.annotations.Nullable;

/**
 * Copies of rows, each with its partition, in order of arrival. Confined to one thread; owns its
 * memory.
 *
 * <p>Small batches are joined as they gather, so that many of them cost no more than a few large
 * ones.
 */
public final class RowBuffer implements AutoCloseable {
  private static final int JOINED = 16;
  private static final int LARGE_ROWS = 4096;

  private final BufferAllocator allocator;
  private final @Nullable RowOrder rowOrder;
  private final List<Chunk> chunks = new ArrayList<>();
  private long rows;
  private long heapBytes;
  private boolean closed;

  /** {@code rowOrder} null means order of arrival. */
  public RowBuffer(BufferAllocator parent, @Nullable RowOrder rowOrder) {
    this.allocator = parent.newChildAllocator("waiting rows", 0, parent.getLimit());
    this.rowOrder = rowOrder;
  }

  public long rows() {
    return rows;
  }

  /** Bytes that the rows hold and that ordering them will hold, on the heap and off it. */
  public long bytes() {
    return allocator.getAllocatedMemory() + heapBytes;
  }

  /** Bytes of the rows alone. */
  public long dataBytes() {
    return allocator.getAllocatedMemory();
  }

  /** Copies rows of a batch; {@code partitions} has one entry for each of them, and is kept. */
  public void add(VectorSchemaRoot batch, int from, int[] partitions) {
    append(ArrowTake.copy(batch, from, partitions.length, allocator), partitions, 0);
    join();
  }

  private void append(VectorSchemaRoot copy, int[] partitions, int level) {
    Keys keys;
    try {
      keys = rowOrder == null ? null : rowOrder.of(copy, allocator);
    } catch (RuntimeException e) {
      copy.close();
      throw e;
    }
    Chunk chunk = new Chunk(copy, partitions, keys, level);
    chunks.add(chunk);
    rows += partitions.length;
    heapBytes += chunk.heapBytes();
  }

  /** Joins the last chunks where there are many of about the same small size. */
  private void join() {
    int size = chunks.size();
    int level = chunks.get(size - 1).level();
    int from = size;
    while (from > 0 && isSmall(chunks.get(from - 1), level)) {
      from--;
    }
    if (size - from < JOINED) {
      return;
    }
    List<Chunk> small = List.copyOf(chunks.subList(from, size));
    int count = small.stream().mapToInt(Chunk::size).sum();
    long[] picks = new long[count];
    int[] partitions = new int[count];
    int at = 0;
    for (int c = 0; c < small.size(); c++) {
      int[] own = small.get(c).partitions();
      for (int row = 0; row < own.length; row++) {
        picks[at] = ArrowTake.pick(c, row);
        partitions[at++] = own[row];
      }
    }
    List<VectorSchemaRoot> roots = small.stream().map(Chunk::rows).toList();
    VectorSchemaRoot joined = ArrowTake.take(roots, picks, 0, count, allocator);
    chunks.subList(from, size).clear();
    for (Chunk chunk : small) {
      rows -= chunk.size();
      heapBytes -= chunk.heapBytes();
      chunk.close();
    }
    append(joined, partitions, level + 1);
    join();
  }

  private static boolean isSmall(Chunk chunk, int level) {
    return chunk.level() == level && chunk.size() < LARGE_ROWS;
  }

  /** Orders all rows; partitions are numbered below {@code partitionCount}. */
  public OrderedRows order(int partitionCount) {
    int[] next = new int[partitionCount];
    for (Chunk chunk : chunks) {
      for (int partition : chunk.partitions()) {
        next[partition]++;
      }
    }
    int distinct = 0;
    for (int count : next) {
      distinct += count > 0 ? 1 : 0;
    }
    int[] partitions = new int[distinct];
    int[] ends = new int[distinct];
    int start = 0;
    for (int p = 0, at = 0; p < partitionCount; p++) {
      int count = next[p];
      next[p] = start;
      start += count;
      if (count > 0) {
        partitions[at] = p;
        ends[at++] = start;
      }
    }
    OrderedRows ordered = new OrderedRows(group(next), partitions, ends);
    sort(ordered);
    return ordered;
  }

  /** Puts each row's pick where its partition's next one belongs. */
  private long[] group(int[] next) {
    long[] picks = new long[Math.toIntExact(rows)];
    for (int c = 0; c < chunks.size(); c++) {
      int[] partitions = chunks.get(c).partitions();
      for (int row = 0; row < partitions.length; row++) {
        picks[next[partitions[row]]++] = ArrowTake.pick(c, row);
      }
    }
    return picks;
  }

  private void sort(OrderedRows ordered) {
    if (rowOrder == null) {
      return;
    }
    List<Keys> keys = new ArrayList<>();
    for (Chunk chunk : chunks) {
      if (chunk.keys() != null) {
        keys.add(chunk.keys());
      }
    }
    RowSort sort = new RowSort(keys);
    for (int i = 0; i < ordered.size(); i++) {
      sort.sort(ordered.picks(), ordered.start(i), ordered.end(i));
    }
  }

  /**
   * Returns rows from the {@code from}-th pick on, as many of {@code most} as fit about {@code
   * bytes}, at least one. The caller closes them.
   */
  public VectorSchemaRoot take(
      OrderedRows ordered, int from, int most, long bytes, BufferAllocator into) {
    List<VectorSchemaRoot> sources = chunks.stream().map(Chunk::rows).toList();
    int count = (int) Math.max(1, Math.min(most, bytes * rows / Math.max(1, dataBytes())));
    while (true) {
      try {
        return ArrowTake.take(sources, ordered.picks(), from, count, into);
      } catch (OutOfMemoryException e) {
        // Rows of very different sizes: try fewer.
        if (count == 1) {
          throw e;
        }
        count /= 2;
      }
    }
  }

  /** Forgets every row. */
  public void clear() {
    chunks.forEach(Chunk::close);
    chunks.clear();
    rows = 0;
    heapBytes = 0;
  }

  @Override
  public void close() {
    clear();
    if (!closed) {
      closed = true;
      allocator.close();
    }
  }
}
