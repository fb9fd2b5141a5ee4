package dev.firn.format.merge;

import dev.firn.format.parquet.write.Parallel;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.io.FileIO;
import org.jspecify.annotations.Nullable;

/**
 * The row groups of the sources, in order, their files opened some at a time, side by side.
 * Confined to one thread. Owns the files until their last row group is released.
 */
final class SourceQueue implements AutoCloseable {
  /** Files whose bytes are asked for at once. */
  private static final int AT_ONCE = 64;

  private final FileIO io;
  private final List<DataFile> files;
  private final Layout layout;
  private final Parallel parallel;
  private final BufferAllocator allocator;
  private final Deque<Unit> units = new ArrayDeque<>();
  private final Set<Source> open = new LinkedHashSet<>();
  private int next;
  private long bytes;

  SourceQueue(
      FileIO io,
      List<DataFile> files,
      Layout layout,
      Parallel parallel,
      BufferAllocator allocator) {
    this.io = io;
    this.files = files;
    this.layout = layout;
    this.parallel = parallel;
    this.allocator = allocator;
  }

  /** Opens files until so many bytes of row groups are there, or all files are open. */
  void fill(long enough) {
    while (bytes < enough && next < files.size()) {
      List<Source> begun = new ArrayList<>();
      long asked = bytes;
      for (; asked < enough && begun.size() < AT_ONCE && next < files.size(); next++) {
        Source source = Source.begin(io, files.get(next), allocator);
        open.add(source);
        begun.add(source);
        asked += files.get(next).fileSizeInBytes();
      }
      List<List<Unit>> found = new ArrayList<>();
      begun.forEach(source -> found.add(new ArrayList<>()));
      parallel.run(begun.size(), (i, worker) -> found.get(i).addAll(begun.get(i).open(layout)));
      for (List<Unit> of : found) {
        for (Unit unit : of) {
          units.add(unit);
          bytes += unit.bytes();
        }
      }
      for (int i = 0; i < begun.size(); i++) {
        if (found.get(i).isEmpty()) {
          begun.get(i).close();
          open.remove(begun.get(i));
        }
      }
    }
  }

  /** The next row group of those that are open; null: there is none. */
  @Nullable Unit peek() {
    return units.peek();
  }

  Unit take() {
    Unit unit = units.remove();
    bytes -= unit.bytes();
    return unit;
  }

  /** Bytes of row groups that were not taken, those of files that are not open guessed. */
  long left() {
    long sum = bytes;
    for (int i = next; i < files.size(); i++) {
      sum += files.get(i).fileSizeInBytes();
    }
    return sum;
  }

  /** Lets go of row groups that were taken. */
  void release(List<Unit> done) {
    for (Unit unit : done) {
      if (unit.source().release(unit)) {
        open.remove(unit.source());
      }
    }
  }

  @Override
  public void close() {
    open.forEach(Source::close);
    open.clear();
  }
}
