package dev.firn.format.merge;

import dev.firn.format.parquet.page.ChunkBytes;
import dev.firn.format.parquet.page.ChunkSpec;
import dev.firn.format.parquet.page.Conversion;
import java.util.Objects;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.jspecify.annotations.Nullable;

/**
 * A row group of a source. Immutable.
 *
 * @param firstRow the file position of its first row
 * @param bytes of the chunks that are merged
 * @param chunks by column; null where the file lacks a column of row lineage
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Unit(
    Source source,
    int group,
    long firstRow,
    long rows,
    long bytes,
    @Nullable ColumnChunkMetaData[] chunks) {

  @Nullable ColumnChunkMetaData chunk(Column column) {
    return chunks[column.index()];
  }

  /** Bytes of memory that it takes while it is merged. */
  long loadedBytes() {
    return source.stored().groupBytes(group);
  }

  ChunkSpec spec(Column column) {
    ColumnChunkMetaData chunk = stored(column);
    return ChunkSpec.of(
        source.location(),
        group,
        column.descriptor(),
        chunk,
        chunk.getStartingPos(),
        Conversion.NONE);
  }

  ChunkBytes bytes(Column column) {
    return source.stored().chunk(group, stored(column));
  }

  private ColumnChunkMetaData stored(Column column) {
    return Objects.requireNonNull(chunk(column), "the file has the column");
  }
}
