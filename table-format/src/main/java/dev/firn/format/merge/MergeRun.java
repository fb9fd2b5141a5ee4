package dev.firn.format.merge;

import dev.firn.format.parquet.write.PageFile;
import dev.firn.format.parquet.write.Parallel;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;

/**
 * One merge: row groups of sources are gathered into row groups, and these into files. Confined to
 * one thread.
 *
 * <p>How it works: sizes are planned in bytes of the sources, times what these have become so far.
 * The first row group of all is kept smaller than its file, so that the second one can make up for
 * what was guessed.
 */
final class MergeRun {
  /** Bytes of sources in memory, at most. */
  private static final long MOST_LOADED = 160L << 20;

  /** The part of the memory there is for them: the allocator rounds buffers up to twice a file. */
  private static final int SHARE = 3;

  private static final double FIRST_SHARE = 0.6;
  private static final double FULL = 0.97;
  private static final double STRETCHED = 1.04;

  private final Layout layout;
  private final long target;
  private final SourceQueue queue;
  private final Outputs outputs;
  private final Parallel parallel;
  private final BufferAllocator memory;
  private final long mostLoaded;
  private double ratio = 1;
  private boolean measured;

  MergeRun(
      Layout layout,
      long target,
      SourceQueue queue,
      Outputs outputs,
      Parallel parallel,
      BufferAllocator memory) {
    this.layout = layout;
    this.target = target;
    this.queue = queue;
    this.outputs = outputs;
    this.parallel = parallel;
    this.memory = memory;
    this.mostLoaded = Math.min(MOST_LOADED, memory.getHeadroom() / SHARE);
  }

  void run() {
    List<Worker> workers = new ArrayList<>();
    try {
      for (int i = 0; i < parallel.workers(); i++) {
        workers.add(new Worker(layout.settings(), memory));
      }
      GroupMerge merge = new GroupMerge(layout, parallel, workers, memory);
      for (List<Unit> group = next(); !group.isEmpty(); group = next()) {
        merge(merge, group);
        if (isFull()) {
          outputs.finish();
        }
      }
      outputs.finish();
    } finally {
      workers.forEach(Worker::close);
    }
  }

  private void merge(GroupMerge merge, List<Unit> group) {
    PageFile file = outputs.file();
    long before = outputs.bytes();
    parallel.run(
        group.size(), (i, worker) -> group.get(i).source().stored().load(group.get(i).group()));
    merge.write(group, file, outputs);
    long read = group.stream().mapToLong(Unit::bytes).sum();
    ratio = (double) (outputs.bytes() - before) / Math.max(1, read);
    measured = true;
    queue.release(group);
  }

  /** The row groups that become the next one; none at the end. */
  private List<Unit> next() {
    long most = groupBytes();
    queue.fill(most);
    long room = room();
    List<Unit> group = new ArrayList<>();
    long bytes = 0;
    long loaded = 0;
    for (Unit unit = queue.peek(); unit != null; unit = queue.peek()) {
      if (unit.loadedBytes() > mostLoaded) {
        throw new RefusedException(
            "a row group of %d bytes is more than is held in memory [%s]"
                .formatted(unit.loadedBytes(), unit.source().location()));
      }
      boolean fits =
          bytes + unit.bytes() <= most
              && bytes + unit.bytes() / 2 <= room
              && loaded + unit.loadedBytes() <= mostLoaded;
      if (!fits && !group.isEmpty()) {
        break;
      }
      group.add(queue.take());
      bytes += unit.bytes();
      loaded += unit.loadedBytes();
    }
    return group;
  }

  /** Bytes of sources for a row group. */
  private long groupBytes() {
    long bytes = (long) Math.min((double) mostLoaded, layout.settings().rowGroupBytes() / ratio);
    return !measured && queue.left() > target
        ? Math.min(bytes, (long) (target * FIRST_SHARE))
        : bytes;
  }

  /** Bytes of sources that the open file still takes; all where little would be left over. */
  private long room() {
    return takesAll() ? Long.MAX_VALUE : (long) ((target - outputs.bytes()) / ratio);
  }

  private boolean takesAll() {
    return measured && outputs.bytes() + queue.left() * ratio <= target * STRETCHED;
  }

  private boolean isFull() {
    queue.fill(1);
    Unit next = queue.peek();
    return next != null
        && !takesAll()
        && (outputs.bytes() >= FULL * target
            || outputs.bytes() + next.bytes() * ratio / 2 > target);
  }
}
