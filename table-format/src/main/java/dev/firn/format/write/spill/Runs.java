package dev.firn.format.write.spill;

import dev.firn.format.write.key.RowOrder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;

/**
 * Sorted runs on local disk, in order of arrival. Confined to one thread; owns their files.
 *
 * <p>How it works: as many runs as can be merged within the memory allowed, all of one level,
 * become one run of the next level as soon as they are there; so rows are written once per level,
 * and the order of equal rows stays that of arrival.
 */
public final class Runs implements AutoCloseable {
  private static final long MOST_BLOCK_BYTES = 1 << 20;
  private static final int LEAST_FAN_IN = 4;
  private static final int MOST_FAN_IN = 64;

  private final Path directory;
  private final Schema schema;
  private final @Nullable RowOrder rowOrder;
  private final BufferAllocator allocator;
  private final int fanIn;
  private final long blockBytes;
  private final List<Run> runs = new ArrayList<>();
  private int written;

  /** Takes merged rows of one partition; borrows them until it returns. */
  public interface Sink {
    void accept(int partition, VectorSchemaRoot rows) throws IOException;
  }

  /**
   * {@code schema} is that of the rows, {@code rowOrder} null where their order is that of arrival;
   * {@code mergeBytes} is what a merge may hold.
   */
  public Runs(
      Path directory,
      Schema schema,
      @Nullable RowOrder rowOrder,
      BufferAllocator allocator,
      long mergeBytes) {
    this.directory = directory;
    this.schema = schema;
    this.rowOrder = rowOrder;
    this.allocator = allocator;
    this.fanIn = (int) Math.max(LEAST_FAN_IN, Math.min(MOST_FAN_IN, mergeBytes >> 20));
    // A block, its keys, and the batch gathered from blocks.
    this.blockBytes = Math.max(1, Math.min(MOST_BLOCK_BYTES, mergeBytes / (2L * fanIn + 2)));
  }

  public boolean isEmpty() {
    return runs.isEmpty();
  }

  /** How many runs were ever written, merged ones included. */
  public int written() {
    return written;
  }

  /** Bytes on disk. */
  public long bytes() {
    return runs.stream().mapToLong(Run::bytes).sum();
  }

  /** Writes rows of a buffer as one run. */
  public void add(RowBuffer buffer, OrderedRows ordered) throws IOException {
    Run run = create(0);
    int[] partitions = new int[ordered.rowCount()];
    for (int i = 0; i < ordered.size(); i++) {
      Arrays.fill(partitions, ordered.start(i), ordered.end(i), ordered.partition(i));
    }
    for (int from = 0; from < partitions.length; ) {
      int rest = partitions.length - from;
      try (VectorSchemaRoot rows = buffer.take(ordered, from, rest, blockBytes, allocator)) {
        run.append(rows, partitions, from);
        from += rows.getRowCount();
      }
    }
    int last = runs.size();
    while (last >= fanIn && runs.get(last - fanIn).level() == runs.get(last - 1).level()) {
      join(last - fanIn);
      last = runs.size();
    }
  }

  private Run create(int level) throws IOException {
    Run run = Run.create(directory, level);
    runs.add(run);
    written++;
    return run;
  }

  /** Merges the runs from index {@code from} on into one. */
  private void join(int from) throws IOException {
    List<Run> joined = List.copyOf(runs.subList(from, runs.size()));
    Run run = create(joined.get(0).level() + 1);
    try (Merge merge = new Merge(joined, schema, rowOrder, allocator, false)) {
      merge.run((rows, partitions) -> run.append(rows, partitions, 0));
    }
    runs.removeAll(joined);
    for (Run old : joined) {
      old.close();
    }
  }

  /** Gives all rows to {@code sink} in order, partition by partition, and forgets them. */
  public void drain(Sink sink) throws IOException {
    while (runs.size() > fanIn) {
      join(runs.size() - Math.min(fanIn, runs.size() - fanIn + 1));
    }
    try (Merge merge = new Merge(runs, schema, rowOrder, allocator, true)) {
      merge.run((rows, partitions) -> sink.accept(partitions[0], rows));
    }
    close();
  }

  @Override
  public void close() throws IOException {
    IOException first = null;
    for (Run run : runs) {
      try {
        run.close();
      } catch (IOException e) {
        first = first == null ? e : first;
      }
    }
    runs.clear();
    if (first != null) {
      throw first;
    }
  }
}
