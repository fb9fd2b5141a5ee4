package dev.firn.format.parquet.read;

import dev.firn.error.FirnException;
import dev.firn.format.parquet.filter.RowRanges;
import dev.firn.format.parquet.page.ChunkBytes;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.hadoop.metadata.ColumnPath;
import org.apache.parquet.internal.hadoop.metadata.IndexReference;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of one row group's column chunks, fetched as they are asked for, near ones together; of
 * a local file only those that its end held. Thread-safe. Owns its memory.
 */
final class GroupData implements AutoCloseable {
  /** Closer chunks are fetched in one request. */
  private static final long LARGEST_GAP = 1L << 20;

  /** So that one request is not the whole row group. */
  private static final long LARGEST_FETCH = 64L << 20;

  /** Offset indexes larger than this are not worth their reading. */
  private static final int LARGEST_INDEX = 16 << 20;

  private record Range(long start, long end) {}

  private final SourceFile file;
  private final Suffix suffix;
  private final Footer.Group group;
  private final RowRanges rows;
  private final BufferAllocator allocator;
  private final Counts counts;
  private final Map<ColumnPath, ColumnChunkMetaData> chunks = new HashMap<>();
  private final Map<ColumnPath, ChunkBytes> slices = new HashMap<>();
  private final Map<ColumnPath, PageIndex> indexes = new HashMap<>();
  private final List<ArrowBuf> buffers = new ArrayList<>();
  private boolean closed;

  GroupData(
      SourceFile file,
      Suffix suffix,
      Footer.Group group,
      RowRanges rows,
      BufferAllocator allocator,
      Counts counts) {
    this.file = file;
    this.suffix = suffix;
    this.group = group;
    this.rows = rows;
    this.allocator = allocator;
    this.counts = counts;
    group.block().getColumns().forEach(chunk -> chunks.put(chunk.getPath(), chunk));
  }

  String location() {
    return file.location();
  }

  int index() {
    return group.index();
  }

  /** The file position of the first row. */
  long firstRow() {
    return group.firstRow();
  }

  long rows() {
    return group.block().getRowCount();
  }

  /** The rows that are to be read at all. */
  RowRanges ranges() {
    return rows;
  }

  Counts counts() {
    return counts;
  }

  ColumnChunkMetaData chunk(StoredLeaf leaf) {
    ColumnChunkMetaData chunk = chunks.get(leaf.path());
    if (chunk == null) {
      throw FirnException.corrupt(
          "Cannot read column %s: row group %d lacks it; restore the file [%s]"
              .formatted(leaf.path().toDotString(), index(), location()),
          null);
    }
    return chunk;
  }

  /** Where the pages are, if that is known and needed: where not all rows are read. */
  synchronized @Nullable PageIndex pageIndex(StoredLeaf leaf) {
    return indexes.get(leaf.path());
  }

  /** The bytes of a chunk that was fetched; null where its window is to be moved along the file. */
  synchronized @Nullable ChunkBytes bytes(StoredLeaf leaf) {
    return slices.get(leaf.path());
  }

  SourceFile file() {
    return file;
  }

  /** The checksums of the chunk's page headers. */
  int[] headerSums(ColumnChunkMetaData chunk) {
    return suffix.sums().headers(chunk.getStartingPos());
  }

  /** Starts to fetch on another thread; a failure is left to {@link #fetch}. */
  void prefetch(Collection<StoredLeaf> leaves, Executor executor) {
    try {
      executor.execute(
          () -> {
            try {
              fetch(leaves);
            } catch (RuntimeException e) {
              // Whoever needs the bytes fetches again, and has the failure.
              return;
            }
          });
    } catch (RejectedExecutionException e) {
      // It is only ahead of time: fetch() does it.
      return;
    }
  }

  /** Fetches the chunks that are not here yet; waits for a fetch that is under way. */
  synchronized void fetch(Collection<StoredLeaf> leaves) {
    if (closed) {
      return;
    }
    Map<ColumnPath, StoredLeaf> missing = new HashMap<>();
    for (StoredLeaf leaf : leaves) {
      if (!slices.containsKey(leaf.path())) {
        missing.put(leaf.path(), leaf);
      }
    }
    if (missing.isEmpty()) {
      return;
    }
    List<ColumnChunkMetaData> wanted =
        new ArrayList<>(missing.values().stream().map(this::chunk).toList());
    wanted.sort(Comparator.comparingLong(ColumnChunkMetaData::getStartingPos));
    if (!isWhole()) {
      fetchIndexes(wanted);
    }
    for (int from = 0; from < wanted.size(); ) {
      int to = from + 1;
      while (to < wanted.size() && isNear(wanted, from, to)) {
        to++;
      }
      fetchTogether(wanted.subList(from, to));
      from = to;
    }
  }

  private boolean isWhole() {
    return rows.ranges().size() == 1
        && rows.ranges().get(0).from() == 0
        && rows.ranges().get(0).to() == rows();
  }

  private static boolean isNear(List<ColumnChunkMetaData> sorted, int from, int next) {
    ColumnChunkMetaData last = sorted.get(next - 1);
    ColumnChunkMetaData chunk = sorted.get(next);
    return chunk.getStartingPos() - end(last) <= LARGEST_GAP
        && end(chunk) - sorted.get(from).getStartingPos() <= LARGEST_FETCH;
  }

  private static long end(ColumnChunkMetaData chunk) {
    return chunk.getStartingPos() + chunk.getTotalSize();
  }

  /** Makes room for the chunks, from the first to the last, and reads what is needed of them. */
  private void fetchTogether(List<ColumnChunkMetaData> near) {
    long start = near.get(0).getStartingPos();
    long end = start;
    for (ColumnChunkMetaData chunk : near) {
      end = Math.max(end, end(chunk));
    }
    boolean here = suffix.holds(start);
    if (file.isLocal() && !here) {
      return;
    }
    ArrowBuf buffer = here ? suffix.bytes() : allocator.buffer(end - start);
    long base = here ? suffix.at(start) : 0;
    if (!here) {
      buffers.add(buffer);
      for (Range range : needed(near)) {
        file.read(range.start(), range.end() - range.start(), buffer, range.start() - start);
      }
    }
    for (ColumnChunkMetaData chunk : near) {
      slices.put(
          chunk.getPath(),
          new FetchedBytes(
              file,
              buffer,
              base + chunk.getStartingPos() - start,
              chunk.getStartingPos(),
              chunk.getTotalSize(),
              headerSums(chunk)));
    }
  }

  /** The bytes to read of chunks, those near each other together. */
  private List<Range> needed(List<ColumnChunkMetaData> near) {
    List<Range> ranges = new ArrayList<>();
    for (ColumnChunkMetaData chunk : near) {
      PageIndex index = indexes.get(chunk.getPath());
      if (index == null) {
        add(ranges, chunk.getStartingPos(), end(chunk));
        continue;
      }
      // The dictionary, or else the first page: opening a chunk looks at its first header.
      boolean dictionary = index.offset(0) > chunk.getStartingPos();
      add(ranges, chunk.getStartingPos(), index.offset(dictionary ? 0 : 1));
      for (RowRanges.Range range : rows.ranges()) {
        int first = index.page(range.from());
        int last = index.page(range.to() - 1);
        add(ranges, index.offset(first), index.offset(last + 1));
      }
    }
    return ranges;
  }

  private static void add(List<Range> ranges, long start, long end) {
    Range last = ranges.isEmpty() ? null : ranges.get(ranges.size() - 1);
    if (last != null && start - last.end() <= LARGEST_GAP) {
      ranges.set(ranges.size() - 1, new Range(last.start(), Math.max(last.end(), end)));
    } else {
      ranges.add(new Range(start, end));
    }
  }

  private void fetchIndexes(List<ColumnChunkMetaData> wanted) {
    List<ColumnChunkMetaData> indexed =
        new ArrayList<>(wanted.stream().filter(this::hasIndex).toList());
    if (indexed.isEmpty()) {
      return;
    }
    indexed.sort(Comparator.comparingLong(chunk -> chunk.getOffsetIndexReference().getOffset()));
    long start = indexed.get(0).getOffsetIndexReference().getOffset();
    IndexReference last = indexed.get(indexed.size() - 1).getOffsetIndexReference();
    long length = last.getOffset() + last.getLength() - start;
    if (length > LARGEST_INDEX) {
      return;
    }
    byte[] bytes = new byte[(int) length];
    suffix.copy(start, bytes);
    for (ColumnChunkMetaData chunk : indexed) {
      IndexReference at = chunk.getOffsetIndexReference();
      int from = (int) (at.getOffset() - start);
      byte[] own = java.util.Arrays.copyOfRange(bytes, from, from + at.getLength());
      suffix.check(at.getOffset(), ByteBuffer.wrap(own));
      PageIndex index = PageIndex.parse(own, chunk, rows());
      if (index != null) {
        indexes.put(chunk.getPath(), index);
      }
    }
  }

  private boolean hasIndex(ColumnChunkMetaData chunk) {
    IndexReference at = chunk.getOffsetIndexReference();
    return at != null
        && at.getOffset() >= 0
        && at.getLength() > 0
        && at.getOffset() <= file.length() - at.getLength();
  }

  @Override
  public synchronized void close() {
    closed = true;
    slices.clear();
    buffers.forEach(ArrowBuf::close);
    buffers.clear();
  }
}
