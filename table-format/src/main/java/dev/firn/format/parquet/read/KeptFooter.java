package dev.firn.format.parquet.read;

import dev.firn.storage.cache.CachedFile;
import dev.firn.storage.cache.Weighed;
import org.apache.iceberg.io.InputFile;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.jspecify.annotations.Nullable;

/**
 * A parsed footer in the memory that a file's readers share, so that the file can be read again
 * without its end. Immutable.
 *
 * @param length the file's, in bytes
 * @param indexes where the page indexes start, up to the end of the file; {@code length}: they are
 *     not kept
 * @param bytes the file's last bytes, from {@code indexes} on; never changed
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record KeptFooter(Footer footer, long length, long indexes, byte[] bytes) implements Weighed {
  /** Indexes that take more are read again. */
  private static final long LARGEST_INDEXES = 256 << 10;

  /** The objects of a column chunk's metadata, statistics included, about. */
  private static final long CHUNK_BYTES = 1024;

  private static final long FIELD_BYTES = 512;

  /** What is kept of the file; null: nothing, or of a file of another length. */
  static @Nullable KeptFooter find(InputFile file, @Nullable String key, long length) {
    if (key == null || !(file instanceof CachedFile cached)) {
      return null;
    }
    KeptFooter kept = cached.cache().peek(key, KeptFooter.class);
    boolean fits = kept != null && (length == SourceFile.UNKNOWN_LENGTH || length == kept.length());
    // Asked for again, so that it counts as used.
    return kept != null && fits ? cached.cache().get(key, KeptFooter.class, () -> kept) : null;
  }

  /** What a file is known by where footers are kept; null: nothing of it is kept. */
  static @Nullable String key(InputFile file) {
    return file instanceof CachedFile cached ? cached.cacheKey() : null;
  }

  /** Keeps a footer that was read, and of a store's file the indexes that came with it. */
  static void keep(
      InputFile file, @Nullable String key, Footer footer, Suffix suffix, long length) {
    if (key == null || !(file instanceof CachedFile cached)) {
      return;
    }
    long first = PageIndex.first(footer.groups());
    boolean small =
        first >= 0 && length - first <= LARGEST_INDEXES && suffix.isRemoteAndHolds(first);
    long indexes = small ? first : length;
    byte[] bytes = new byte[(int) (length - indexes)];
    if (bytes.length > 0) {
      suffix.copy(indexes, bytes);
    }
    KeptFooter kept = new KeptFooter(footer, length, indexes, bytes);
    if (cached.cache().peek(key, KeptFooter.class) == null) {
      KeptFooter unused = cached.cache().get(key, KeptFooter.class, () -> kept); // counts the miss
    } else {
      cached.cache().put(key, KeptFooter.class, kept); // one of another length, or reader
    }
  }

  @Override
  public long weight() {
    long weight =
        bytes.length + footer.sums().heapBytes() + FIELD_BYTES * footer.schema().getPaths().size();
    for (Footer.Group group : footer.groups()) {
      for (ColumnChunkMetaData chunk : group.block().getColumns()) {
        weight += CHUNK_BYTES + bounds(chunk);
      }
    }
    return weight;
  }

  private static long bounds(ColumnChunkMetaData chunk) {
    var statistics = chunk.getStatistics();
    return statistics == null || !statistics.hasNonNullValue()
        ? 0
        : statistics.getMinBytes().length + statistics.getMaxBytes().length;
  }
}
