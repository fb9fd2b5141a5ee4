package dev.firn.format.write;

import dev.firn.format.write.key.Partitioner;
import dev.firn.format.write.key.RowOrder;
import dev.firn.format.write.spill.OrderedRows;
import dev.firn.format.write.spill.RowBuffer;
import dev.firn.format.write.spill.Runs;
import java.io.IOException;
import java.nio.file.Path;
import java.util.BitSet;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.jspecify.annotations.Nullable;

/**
 * Rows that wait in memory until their share of the budget is full, then go on partition by
 * partition. Confined to one thread.
 *
 * <p>How it works: while no partition has come back after another, all but the last are taken to be
 * complete and their files are finished: clustered input streams. Otherwise, where rows need no
 * order, a partition that waits with many rows gets a file that stays open, up to the limit of
 * these; all other rows are spilled as a run sorted by partition and key, and the runs merged at
 * the end, one file open at a time. A partition's rows take one way only: open file or runs.
 */
final class WaitingFlow implements BatchFlow {
  private final FileSink files;
  private final WriteLimits limits;
  private final BufferAllocator allocator;
  private final Partitioner partitioner;
  private final boolean sorted;
  private final RowBuffer buffer;
  private final Runs runs;
  private final OpenFiles open;
  private final BitSet seen = new BitSet();
  private final BitSet waiting = new BitSet();
  private final BitSet spilled = new BitSet();
  private boolean clustered = true;
  private int last = -1;
  private @Nullable RollingFile current;

  /** Where the rows go, in what order. */
  record Plan(Partitioner partitioner, @Nullable RowOrder rowOrder, Path spillDirectory) {}

  WaitingFlow(
      FileSink files,
      WriteLimits limits,
      Plan plan,
      org.apache.arrow.vector.types.pojo.Schema schema,
      BufferAllocator allocator) {
    this.files = files;
    this.limits = limits;
    this.allocator = allocator;
    this.partitioner = plan.partitioner();
    this.sorted = plan.rowOrder() != null;
    this.open = new OpenFiles(files);
    this.buffer = new RowBuffer(allocator, plan.rowOrder());
    this.runs =
        new Runs(plan.spillDirectory(), schema, plan.rowOrder(), allocator, limits.mergeBytes());
  }

  /** How many runs were written. */
  int runsWritten() {
    return runs.written();
  }

  @Override
  public void add(VectorSchemaRoot rows) throws IOException {
    int step = rowsWithin(rows, limits.batchBytes());
    for (int from = 0; from < rows.getRowCount(); from += step) {
      int count = Math.min(step, rows.getRowCount() - from);
      add(rows, from, partitioner.partitions(rows, from, count));
    }
  }

  private static int rowsWithin(VectorSchemaRoot rows, long bytes) {
    long held = 1;
    for (FieldVector vector : rows.getFieldVectors()) {
      held += vector.getBufferSize();
    }
    return (int) Math.max(1, Math.min(1 << 16, bytes * rows.getRowCount() / held));
  }

  private void add(VectorSchemaRoot rows, int from, int[] partitions) throws IOException {
    boolean one = observe(partitions);
    if (one && open.has(last) && !waiting.get(last)) {
      openFile(last).write(rows, from, partitions.length, this::relieve);
      return;
    }
    for (int partition : partitions) {
      waiting.set(partition);
    }
    buffer.add(rows, from, partitions);
    if (buffer.bytes() >= limits.waitingBytes()) {
      makeRoom();
    }
  }

  /** Notes which partitions come, and come back; returns whether all rows are of one. */
  private boolean observe(int[] partitions) {
    boolean one = true;
    for (int i = 0; i < partitions.length; i++) {
      int partition = partitions[i];
      one &= partition == partitions[0];
      if (partition != last) {
        clustered &= !seen.get(partition);
        seen.set(partition);
        last = partition;
      }
    }
    return one && partitions.length > 0;
  }

  private RollingFile openFile(int partition) {
    return open.open(partition, partitioner.key(partition));
  }

  private enum Way {
    /** Into the partition's file, which stays open. */
    OPEN,
    /** Into files that are finished at once. */
    WHOLE,
    /** Into a run. */
    RUN
  }

  private void makeRoom() throws IOException {
    OrderedRows ordered = buffer.order(partitioner.size());
    BitSet toRun = new BitSet();
    for (int i = 0; i < ordered.size(); i++) {
      int partition = ordered.partition(i);
      switch (way(partition, ordered.rows(i))) {
        case OPEN -> write(ordered, i, openFile(partition));
        case WHOLE -> writeWhole(ordered, i);
        case RUN -> toRun.set(partition);
      }
    }
    if (clustered) {
      open.finishAllBut(last);
    }
    spill(ordered, toRun);
  }

  private Way way(int partition, long rows) {
    if (spilled.get(partition)) {
      return Way.RUN;
    }
    if (open.has(partition)) {
      return Way.OPEN;
    }
    if (clustered && partition != last) {
      return Way.WHOLE;
    }
    if (sorted) {
      return Way.RUN;
    }
    long bytes = buffer.bytes() / Math.max(1, buffer.rows()) * rows;
    boolean worth = clustered || bytes >= limits.worthFileBytes();
    return worth && open.size() < limits.openFiles() ? Way.OPEN : Way.RUN;
  }

  private void spill(OrderedRows ordered, BitSet partitions) throws IOException {
    if (!partitions.isEmpty()) {
      runs.add(buffer, ordered.only(partitions));
      spilled.or(partitions);
    }
    buffer.clear();
    waiting.clear();
  }

  private void write(OrderedRows ordered, int index, RollingFile file) throws IOException {
    int end = ordered.end(index);
    for (int from = ordered.start(index); from < end; ) {
      try (VectorSchemaRoot rows =
          buffer.take(ordered, from, end - from, limits.batchBytes(), allocator)) {
        file.write(rows, 0, rows.getRowCount(), this::relieve);
        from += rows.getRowCount();
      }
    }
  }

  private void writeWhole(OrderedRows ordered, int index) throws IOException {
    RollingFile file = begin(ordered.partition(index));
    write(ordered, index, file);
    finishCurrent();
  }

  private RollingFile begin(int partition) {
    RollingFile file = new RollingFile(files, partitioner.key(partition));
    current = file;
    return file;
  }

  private void finishCurrent() throws IOException {
    RollingFile file = current;
    if (file != null) {
      file.finish();
      current = null;
    }
  }

  private void relieve() throws IOException {
    RollingFile file = current;
    long whole = file == null ? 0 : file.memory();
    if (file != null && whole > limits.fileBytes()) {
      file.shed();
      whole = file.memory();
    }
    open.shed(Math.max(0, limits.fileBytes() - whole));
  }

  @Override
  public void finish() throws IOException {
    OrderedRows ordered = buffer.order(partitioner.size());
    BitSet toRun = new BitSet();
    for (int i = 0; i < ordered.size(); i++) {
      int partition = ordered.partition(i);
      if (spilled.get(partition)) {
        toRun.set(partition);
      } else if (open.has(partition)) {
        write(ordered, i, openFile(partition));
      } else {
        writeWhole(ordered, i);
      }
    }
    open.finishAllBut(null);
    spill(ordered, toRun);
    buffer.close();
    merge();
  }

  private void merge() throws IOException {
    if (runs.isEmpty()) {
      return;
    }
    int[] partition = {-1};
    runs.drain(
        (next, rows) -> {
          if (next != partition[0]) {
            finishCurrent();
            begin(next);
            partition[0] = next;
          }
          RollingFile file = current;
          if (file != null) {
            file.write(rows, 0, rows.getRowCount(), this::relieve);
          }
        });
    finishCurrent();
  }

  @Override
  public long pendingBytes() {
    RollingFile file = current;
    long held = buffer.dataBytes() + runs.bytes();
    return held / 4 + open.length() + (file == null ? 0 : file.length());
  }

  @Override
  public void abandon() {
    open.abandon();
    RollingFile file = current;
    current = null;
    if (file != null) {
      file.abandon();
    }
    try {
      runs.close();
    } catch (IOException e) {
      WrittenFiles.ignore(e);
    }
    buffer.close();
  }
}
