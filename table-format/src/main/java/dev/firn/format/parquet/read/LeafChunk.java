package dev.firn.format.parquet.read;

import dev.firn.error.FirnException;
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

  LeafChunk(StoredLeaf leaf, BufferAllocator allocator) {
    this.leaf = leaf;
    this.allocator = allocator;
  }

  /** Goes to the start of another row group. */
  void start(GroupData data) {
    close();
    group = data;
  }

  boolean isOpen() {
    return chunk != null;
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
    GroupData.Slice bytes = data.bytes(leaf);
    ChunkSpec spec =
        new ChunkSpec(
            data.location(),
            data.index(),
            leaf.column(),
            stored.getCodec(),
            stored.getValueCount(),
            stored.getTotalUncompressedSize(),
            stored.getStartingPos(),
            leaf.conversion());
    return ColumnChunk.open(spec, bytes.buffer(), bytes.offset(), bytes.length(), allocator);
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
    ColumnChunk open = chunk;
    chunk = null;
    if (open != null) {
      open.close();
    }
  }
}
