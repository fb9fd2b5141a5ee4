package dev.firn.format.parquet.read;

import dev.firn.format.parquet.filter.RowGroupPruner;
import dev.firn.format.parquet.filter.RowRanges;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Executor;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.OutOfMemoryException;
import org.jspecify.annotations.Nullable;

/**
 * The row groups that may have rows to keep, in order; of a file that is not local, the next ones
 * are on their way while one is read. Confined to one thread. Owns those that it has not given out.
 *
 * <p>How it works: a local file's columns are read as they are decoded. Elsewhere a request costs
 * as much as some megabytes, so a row group comes in one round: with a filter, the other columns
 * come along with the filter's where they are few bytes, or where the row group before had rows
 * that passed.
 */
final class GroupQueue implements AutoCloseable {
  /** What is read in the time that a request takes to be answered, about. */
  private static final long SMALL = 4L << 20;

  /** Row groups are fetched ahead up to this size together, or one that is larger. */
  private static final long ENOUGH = 16L << 20;

  /** A row group that is larger is not fetched ahead. */
  private static final long LARGEST = 128L << 20;

  private static final int MOST_GROUPS = 8;

  /** A row group and its place among those that are read of the file. */
  record Entry(GroupData data, int at) {}

  private final FileOpening opening;
  private final List<Footer.Group> groups;
  private final @Nullable RowGroupPruner pruner;
  private final List<StoredLeaf> probes;
  private final List<StoredLeaf> all;
  private final @Nullable Executor executor;
  private final Deque<Entry> ahead = new ArrayDeque<>();
  private int next;
  private int window;
  private long rows;
  private boolean outputNeeded;

  /** Without {@code probes}, all leaves come first. */
  GroupQueue(
      ReadSpec spec,
      FileOpening opening,
      List<Footer.Group> groups,
      @Nullable RowGroupPruner pruner,
      List<StoredLeaf> probes,
      List<StoredLeaf> outputs,
      @Nullable Executor executor) {
    this.rows = spec.rows;
    this.opening = opening;
    this.groups = groups;
    this.pruner = pruner;
    this.probes = probes;
    this.all = new ArrayList<>(probes);
    this.all.addAll(outputs);
    this.executor = executor;
  }

  /** The next row group, its first columns and those of groups behind it on their way. */
  @Nullable Entry poll() {
    Entry entry = ahead.isEmpty() ? select() : ahead.poll();
    if (entry != null && !opening.file().isLocal()) {
      roomily(() -> entry.data().start(first(entry.data())));
      rows -= entry.data().rows();
      if (window > 0 || rows > 0) {
        prefetch(Math.min(MOST_GROUPS, 2 * window + 1), LARGEST);
      }
      window = Math.min(MOST_GROUPS, 2 * window + 1);
    }
    return entry;
  }

  /** Fetches columns of the row group that was given out last. */
  void fetch(GroupData data, Collection<StoredLeaf> leaves) {
    roomily(() -> data.fetch(leaves));
  }

  /** Tells whether the row group that was given out last has rows that pass the filter. */
  void outputWasNeeded(boolean needed) {
    outputNeeded = needed;
  }

  /** Starts to fetch the first row group if it takes at most {@code bytes}. */
  void prefetch(long bytes) {
    if (!opening.file().isLocal()) {
      prefetch(1, bytes);
    }
  }

  private void prefetch(int count, long bytes) {
    if (executor == null && opening.file().answersAtOnce()) {
      return;
    }
    long room = Math.min(bytes, allocator().getHeadroom() / 4);
    long held = 0;
    boolean fits = true;
    for (Entry entry : ahead) {
      fits = fits && start(entry, held == 0 ? room : Math.min(room, ENOUGH) - held);
      held += entry.data().held();
    }
    while (fits && ahead.size() < count && held < ENOUGH) {
      Entry entry = select();
      if (entry == null) {
        return;
      }
      ahead.add(entry);
      fits = start(entry, held == 0 ? room : Math.min(room, ENOUGH) - held);
      held += entry.data().held();
    }
  }

  /** Returns whether there was room for it. */
  private boolean start(Entry entry, long room) {
    List<StoredLeaf> leaves = first(entry.data());
    if (entry.data().size(leaves) > room) {
      return false;
    }
    entry.data().prefetch(leaves, executor);
    return true;
  }

  private List<StoredLeaf> first(GroupData data) {
    boolean together = probes.isEmpty() || outputNeeded || data.bytes(all) <= SMALL;
    return together ? all : probes;
  }

  /** What was fetched ahead makes room where there is too little. */
  private void roomily(Runnable fetch) {
    try {
      fetch.run();
    } catch (OutOfMemoryException e) {
      ahead.forEach(entry -> entry.data().release());
      fetch.run();
    }
  }

  /** The next row group that may have a row to keep; null: none. */
  private @Nullable Entry select() {
    Counts counts = opening.counts();
    while (next < groups.size()) {
      int at = next++;
      Footer.Group candidate = groups.get(at);
      RowRanges rows = rows(candidate);
      if (!rows.isEmpty()) {
        counts.rowGroups.incrementAndGet();
        GroupData data =
            new GroupData(opening.file(), opening.suffix(), candidate, rows, allocator(), counts);
        return new Entry(data, at);
      }
      counts.rowGroupsSkipped.incrementAndGet();
    }
    return null;
  }

  private RowRanges rows(Footer.Group group) {
    return pruner == null
        ? RowRanges.all(group.block().getRowCount())
        : pruner.mayMatch(
            opening.file().location(),
            group.index(),
            group.block(),
            opening.suffix().ranges(),
            opening.suffix()::isCheap,
            allocator());
  }

  private BufferAllocator allocator() {
    return opening.allocator();
  }

  @Override
  public void close() {
    ahead.forEach(entry -> entry.data().close());
    ahead.clear();
  }
}
