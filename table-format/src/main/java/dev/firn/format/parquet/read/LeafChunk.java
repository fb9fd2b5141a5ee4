package dev.firn.format.parquet.read;

import dev.firn.error.FirnException;
import dev.firn.format.parquet.page.ChunkBytes;
import dev.firn.format.parquet.page.ChunkSpec;
import dev.firn.format.parquet.page.ColumnChunk;
import dev.firn.format.parquet.page.CorruptPageException;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.OutOfMemoryException;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.jspecify.annotations.Nullable;

/**
 * The chunk of one column in the current row group, opened when it is first needed. Confined to one
 * thread at a time. Owns the chunk; borrows the row group's bytes.
 */
final class LeafChunk implements AutoCloseable {
  private final StoredLeaf leaf;
  private final BufferAllocator allocator;
  private @Nullable GroupData group;
  private @Nullable ColumnChunk chunk;
  private @Nullable WindowedBytes window;

  LeafChunk(StoredLeaf leaf, BufferAllocator allocator) {
    this.leaf = leaf;
    this.allocator = allocator;
  }

  /** Goes to the start of another row group. */
  void start(GroupData data) {
    closeChunk();
    group = data;
  }

  ColumnChunk chunk() {
    ColumnChunk open = chunk;
    if (open == null) {
      open = open(group());
      chunk = open;
    }
    return open;
  }

  private ColumnChunk open(GroupData data) {
    ColumnChunkMetaData stored = data.chunk(leaf);
    ChunkSpec spec =
        ChunkSpec.of(
            data.location(),
            data.index(),
            leaf.column(),
            stored,
            stored.getStartingPos(),
            leaf.conversion());
    ChunkBytes fetched = data.bytes(leaf);
    return ColumnChunk.open(spec, fetched == null ? window(data, stored) : fetched, allocator);
  }

  private WindowedBytes window(GroupData data, ColumnChunkMetaData stored) {
    WindowedBytes moved = window;
    if (moved == null) {
      moved = new WindowedBytes(data.file(), allocator);
      window = moved;
    }
    moved.start(stored.getStartingPos(), stored.getTotalSize(), data.headerSums(stored));
    return moved;
  }

  private GroupData group() {
    GroupData current = group;
    if (current == null) {
      throw new IllegalStateException("no row group is started");
    }
    return current;
  }

  @Nullable PageIndex index() {
    return group().pageIndex(leaf);
  }

  void pageDecoded() {
    group().counts().pagesDecoded.incrementAndGet();
  }

  void pageSkipped() {
    group().counts().pagesSkipped.incrementAndGet();
  }

  /** About how many bytes {@code rows} rows have. */
  long estimate(int rows) {
    GroupData data = group();
    long all = data.chunk(leaf).getTotalUncompressedSize();
    return (long) ((double) all / Math.max(1, data.rows()) * rows) + 64;
  }

  /** A fault of the current page. */
  FirnException corrupt(String reason) {
    return failure(new CorruptPageException(reason));
  }

  /** What to throw for {@code e}, thrown while this column was read. */
  FirnException failure(RuntimeException e) {
    if (e instanceof FirnException known) {
      return known;
    }
    if (e instanceof OutOfMemoryException exhausted) {
      return ParquetReader.outOfMemory(group().location(), exhausted);
    }
    ColumnChunk open = chunk;
    if (open != null) {
      return open.corrupt(e);
    }
    return FirnException.corrupt(
        "Cannot read column %s of row group %d: %s; restore the file [%s]"
            .formatted(
                leaf.path().toDotString(), group().index(), e.getMessage(), group().location()),
        e);
  }

  @Override
  public void close() {
    closeChunk();
    WindowedBytes moved = window;
    window = null;
    if (moved != null) {
      moved.close();
    }
  }

  private void closeChunk() {
    ColumnChunk open = chunk;
    chunk = null;
    if (open != null) {
      open.close();
    }
  }
}
