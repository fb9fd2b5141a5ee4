package dev.firn.format.merge;

import org.apache.arrow.memory.BufferAllocator;
import org.apache.parquet.column.statistics.Statistics;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.jspecify.annotations.Nullable;

/** The statistics of a column chunk that comes out, from those of its sources. A builder. */
final class ChunkStatistics {
  private final Column column;
  private final PrimitiveType type;
  private final Floats floats;
  private final BufferAllocator allocator;
  private @Nullable Statistics<?> bounded;
  private long nulls;
  private boolean unbounded;

  ChunkStatistics(Column column, Floats floats, BufferAllocator allocator) {
    this.column = column;
    this.type = column.descriptor().getPrimitiveType();
    this.floats = floats;
    this.allocator = allocator;
  }

  /** Adds a source's chunk. One without bounds is refused, but for floats, which may have NaNs. */
  void add(Unit unit, ColumnChunkMetaData stored, Facts facts) {
    Statistics<?> known = facts.statistics();
    if (column.measured()) {
      // A NaN is no bound, and bounds without it would let readers prune it that order it last.
      unbounded |= floats.add(column, unit, stored, known, allocator);
    }
    if (column.unmeasured()) {
      return;
    }
    if (known != null) {
      if (column.lineage() != null && known.getNumNulls() > 0) {
        throw new RefusedException(
            "some rows inherit what column %s of others stores [%s]"
                .formatted(column.name(), unit.source().location()));
      }
      add(known);
    } else {
      unbounded(unit, facts.nulls());
    }
  }

  /** Adds a chunk or page whose bounds are known. */
  void add(Statistics<?> known) {
    nulls += known.getNumNulls();
    if (bounded == null) {
      bounded = known.copy();
    } else {
      bounded.mergeStatistics(known);
    }
  }

  private void unbounded(Unit unit, long chunkNulls) {
    PrimitiveTypeName physical = type.getPrimitiveTypeName();
    boolean floating = physical == PrimitiveTypeName.FLOAT || physical == PrimitiveTypeName.DOUBLE;
    if (!floating || chunkNulls < 0) {
      throw new RefusedException(
          "column %s has no statistics in every file [%s]"
              .formatted(column.name(), unit.source().location()));
    }
    unbounded = true;
    nulls += chunkNulls;
  }

  Statistics<?> finish() {
    if (column.unmeasured()) {
      return Statistics.getBuilderForReading(type).build();
    }
    return unbounded || bounded == null
        ? Statistics.getBuilderForReading(type).withNumNulls(nulls).build()
        : bounded;
  }
}
