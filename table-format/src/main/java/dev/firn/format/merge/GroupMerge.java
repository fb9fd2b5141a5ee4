package dev.firn.format.merge;

import dev.firn.format.parquet.write.PageFile;
import dev.firn.format.parquet.write.Parallel;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;

/** Row groups of sources into one of a file, column by column. Confined to one thread. */
final class GroupMerge {
  private final Layout layout;
  private final Parallel parallel;
  private final List<Worker> workers;
  private final BufferAllocator allocator;

  GroupMerge(Layout layout, Parallel parallel, List<Worker> workers, BufferAllocator allocator) {
    this.layout = layout;
    this.parallel = parallel;
    this.workers = workers;
    this.allocator = allocator;
  }

  /** Writes the row group; those of the sources must be in memory. */
  void write(List<Unit> units, PageFile file, Outputs outputs) {
    Turns turns = new Turns();
    long rows = units.stream().mapToLong(Unit::rows).sum();
    List<PageDigests> digests = outputs.proof().beginGroup(rows);
    List<ChunkSink> sinks = new ArrayList<>();
    for (int i = 0; i < layout.columns().size(); i++) {
      sinks.add(new ChunkSink(file, turns, i, allocator));
    }
    try {
      parallel.run(
          sinks.size(),
          (index, worker) -> {
            try {
              new ChunkMerge(
                      layout.columns().get(index),
                      units,
                      layout,
                      workers.get(worker),
                      sinks.get(index),
                      outputs.floats(),
                      digests.get(index))
                  .run();
            } catch (RuntimeException | Error e) {
              turns.fail();
              throw e;
            }
          });
    } finally {
      sinks.forEach(ChunkSink::close);
    }
    file.endGroup(rows);
  }
}
