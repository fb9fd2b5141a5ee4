package dev.firn.format.parquet.filter;

import java.nio.ByteBuffer;
import org.apache.parquet.column.statistics.Statistics;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.hadoop.metadata.ColumnPath;
import org.jspecify.annotations.Nullable;

/** What a file says of the values of one row group. Confined to one thread. */
final class GroupEvidence {
  private final BlockMetaData block;

  GroupEvidence(BlockMetaData block) {
    this.block = block;
  }

  /** What the footer says. */
  ValueBounds bounds(ColumnClause clause) {
    long rows = block.getRowCount();
    ColumnChunkMetaData chunk = chunk(clause.path());
    if (chunk == null || chunk.getValueCount() != rows) {
      return new ValueBounds(null, null, rows, -1);
    }
    Statistics<?> statistics = chunk.getStatistics();
    boolean required = clause.column().getMaxDefinitionLevel() == 0;
    if (statistics == null) {
      return new ValueBounds(null, null, rows, required ? 0 : -1);
    }
    return ValueBounds.of(
        clause.form(),
        statistics.hasNonNullValue() ? ByteBuffer.wrap(statistics.getMinBytes()) : null,
        statistics.hasNonNullValue() ? ByteBuffer.wrap(statistics.getMaxBytes()) : null,
        rows,
        required ? 0 : statistics.getNumNulls());
  }

  private @Nullable ColumnChunkMetaData chunk(ColumnPath path) {
    for (ColumnChunkMetaData chunk : block.getColumns()) {
      if (chunk.getPath().equals(path)) {
        return chunk;
      }
    }
    return null;
  }
}
