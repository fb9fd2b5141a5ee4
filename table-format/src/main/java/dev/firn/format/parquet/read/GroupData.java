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
import org.apache.arrow.memory.OutOfMemoryException;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.hadoop.metadata.ColumnPath;
import org.apache.parquet.internal.hadoop.metadata.IndexReference;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of one row group's column chunks, fetched as they are asked for, all that are asked for
 * together; of a local file only those that its end held. Started and fetched by one thread; what
 * was fetched may be looked up by all. Owns its memory.
 */
final class GroupData implements AutoCloseable {
  /** Offset indexes larger than this are not worth their reading. */
  private static final int LARGEST_INDEX = 16 << 20;

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
  private final List<Fetch> fetches = new ArrayList<>();
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

  /** How much memory the fetching of these leaves would take. */
  synchronized long size(Collection<StoredLeaf> leaves) {
    return missing(leaves).stream()
        .filter(chunk -> !suffix.holds(chunk.getStartingPos()))
        .mapToLong(ColumnChunkMetaData::getTotalSize)
        .sum();
  }

  /** About how many bytes the fetching of these leaves would transfer. */
  long bytes(Collection<StoredLeaf> leaves) {
    long kept = rows.ranges().stream().mapToLong(range -> range.to() - range.from()).sum();
    return (long) ((double) size(leaves) * kept / Math.max(1, rows()));
  }

  /** How much memory was taken so far. */
  synchronized long held() {
    return buffers.stream().mapToLong(ArrowBuf::capacity).sum();
  }

  /** Starts to fetch the chunks that were not asked for yet. */
  void start(Collection<StoredLeaf> leaves) {
    lay(leaves).forEach(Fetch::run);
  }

  /**
   * Starts to fetch ahead of need, on {@code executor} where the store does nothing on its own.
   * Does nothing where memory is short.
   */
  void prefetch(Collection<StoredLeaf> leaves, @Nullable Executor executor) {
    try {
      for (Fetch fetch : lay(leaves)) {
        if (executor != null && file.answersAtOnce()) {
          executor.execute(fetch);
        } else {
          fetch.run();
        }
      }
    } catch (OutOfMemoryException | RejectedExecutionException e) {
      // It is only ahead of time: fetch() does what is left, and has the failure.
      return;
    }
  }

  /** Returns once the chunks are here. */
  void fetch(Collection<StoredLeaf> leaves) {
    start(leaves);
    for (Fetch fetch : underWay()) {
      fetch.await();
    }
    arrived();
  }

  private synchronized List<Fetch> underWay() {
    return List.copyOf(fetches);
  }

  private synchronized void arrived() {
    fetches.removeIf(Fetch::isDone);
  }

  /** Makes room for chunks that were not asked for yet; returns what is to be run for them. */
  private synchronized List<Fetch> lay(Collection<StoredLeaf> leaves) {
    List<ColumnChunkMetaData> wanted = closed ? List.of() : missing(leaves);
    if (wanted.isEmpty()) {
      return List.of();
    }
    if (!isWhole()) {
      fetchIndexes(wanted);
    }
    ChunkLayout layout = new ChunkLayout();
    for (ColumnChunkMetaData chunk : wanted) {
      if (suffix.holds(chunk.getStartingPos())) {
        slice(chunk, suffix.bytes(), suffix.at(chunk.getStartingPos()));
      } else if (!file.isLocal()) {
        layout.add(chunk, needed(chunk));
      }
    }
    List<Fetch> added = new ArrayList<>();
    for (ChunkLayout.Piece piece : layout.pieces()) {
      ArrowBuf buffer = allocator.buffer(piece.size());
      buffers.add(buffer);
      Fetch fetch = new Fetch(file, piece.targets(buffer));
      fetches.add(fetch);
      added.add(fetch);
      piece.places().forEach((chunk, at) -> slice(chunk, buffer, at));
    }
    return added;
  }

  private List<ColumnChunkMetaData> missing(Collection<StoredLeaf> leaves) {
    Map<ColumnPath, ColumnChunkMetaData> missing = new HashMap<>();
    for (StoredLeaf leaf : leaves) {
      if (!slices.containsKey(leaf.path())) {
        missing.put(leaf.path(), chunk(leaf));
      }
    }
    return missing.values().stream()
        .sorted(Comparator.comparingLong(ColumnChunkMetaData::getStartingPos))
        .toList();
  }

  private void slice(ColumnChunkMetaData chunk, ArrowBuf buffer, long at) {
    slices.put(
        chunk.getPath(),
        new FetchedBytes(
            file, buffer, at, chunk.getStartingPos(), chunk.getTotalSize(), headerSums(chunk)));
  }

  private boolean isWhole() {
    return rows.ranges().size() == 1
        && rows.ranges().get(0).from() == 0
        && rows.ranges().get(0).to() == rows();
  }

  /** The bytes to read of a chunk. */
  private List<ChunkLayout.Span> needed(ColumnChunkMetaData chunk) {
    long start = chunk.getStartingPos();
    PageIndex index = indexes.get(chunk.getPath());
    if (index == null) {
      return List.of(new ChunkLayout.Span(start, start + chunk.getTotalSize()));
    }
    List<ChunkLayout.Span> spans = new ArrayList<>();
    // The dictionary, or else the first page: opening a chunk looks at its first header.
    boolean dictionary = index.offset(0) > start;
    spans.add(new ChunkLayout.Span(start, index.offset(dictionary ? 0 : 1)));
    for (RowRanges.Range range : rows.ranges()) {
      int first = index.page(range.from());
      int last = index.page(range.to() - 1);
      spans.add(new ChunkLayout.Span(index.offset(first), index.offset(last + 1)));
    }
    return spans;
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

  /** Gives back the memory, as if nothing had been fetched. */
  synchronized void release() {
    slices.clear();
    fetches.forEach(Fetch::end);
    fetches.clear();
    buffers.forEach(ArrowBuf::close);
    buffers.clear();
  }

  @Override
  public synchronized void close() {
    closed = true;
    release();
  }
}
