package dev.firn.format.parquet.filter;

import dev.firn.storage.RangeReader;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongPredicate;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.iceberg.expressions.Expression.Operation;
import org.apache.parquet.column.statistics.Statistics;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.hadoop.metadata.ColumnPath;
import org.jspecify.annotations.Nullable;

/**
 * What a file says of the values of one row group, read where it is asked for. Confined to one
 * thread. Borrows file and allocator.
 */
final class GroupEvidence {
  /** Fetching so little is no dearer than asking for less. */
  private static final long SMALL_CHUNK = 4L << 20;

  /**
   * The file.
   *
   * @param near where reading costs next to nothing
   */
  record Source(String location, RangeReader file, LongPredicate near) {}

  private final Source source;
  private final int rowGroup;
  private final BlockMetaData block;
  private final BufferAllocator allocator;
  private final RowGroupPruner.Means means;
  private final Map<ColumnPath, ColumnPages> pages = new HashMap<>();

  GroupEvidence(
      Source source,
      int rowGroup,
      BlockMetaData block,
      BufferAllocator allocator,
      RowGroupPruner.Means means) {
    this.source = source;
    this.rowGroup = rowGroup;
    this.block = block;
    this.allocator = allocator;
    this.means = means;
  }

  /** Whether the footer lets the row group have a match. */
  boolean mayMatch(ColumnClause clause) {
    return !means.statistics() || clause.mayMatch(bounds(clause));
  }

  /** The rows that may match, by all means there are. */
  RowRanges rows(ColumnClause clause) {
    long all = block.getRowCount();
    ColumnChunkMetaData chunk = chunk(clause.path());
    if (!mayMatch(clause)) {
      return RowRanges.none();
    }
    boolean nothingToFind = means.statistics() && clause.mustMatch(bounds(clause));
    if (chunk == null || nothingToFind || chunk.getValueCount() != all) {
      return RowRanges.all(all);
    }
    FileParts parts = new FileParts(source.location(), rowGroup, clause.path(), source.file());
    RowRanges rows = means.pageIndexes() ? pages(parts, chunk, clause) : RowRanges.all(all);
    if (rows.isEmpty() || !valuesMayMatch(parts, chunk, clause)) {
      return RowRanges.none();
    }
    return rows;
  }

  private RowRanges pages(FileParts parts, ColumnChunkMetaData chunk, ColumnClause clause) {
    ColumnPages found = pages.get(clause.path());
    if (found == null) {
      found = ColumnPages.read(parts, block.getRowCount(), chunk);
      if (found == null) {
        return RowRanges.all(block.getRowCount());
      }
      pages.put(clause.path(), found);
    }
    return found.rows(clause);
  }

  private boolean valuesMayMatch(FileParts parts, ColumnChunkMetaData chunk, ColumnClause clause) {
    boolean byDictionary = means.dictionaries() && worthADictionary(clause) && worthARequest(chunk);
    if (byDictionary && !DictionaryValues.mayMatch(parts, chunk, clause, allocator)) {
      return false;
    }
    return !means.bloomFilters() || BloomFilters.mayMatch(parts, chunk, clause);
  }

  /**
   * Whether a dictionary can say more than bounds: for comparisons by order, only where there are
   * none.
   */
  private boolean worthADictionary(ColumnClause clause) {
    Operation op = clause.predicate().op();
    return switch (op) {
      case IS_NULL, NOT_NULL -> false;
      case LT, LT_EQ, GT, GT_EQ -> !means.statistics() || bounds(clause).low() == null;
      default -> true;
    };
  }

  private boolean worthARequest(ColumnChunkMetaData chunk) {
    return source.near().test(chunk.getStartingPos()) || chunk.getTotalSize() > SMALL_CHUNK;
  }

  private ValueBounds bounds(ColumnClause clause) {
    long rows = block.getRowCount();
    boolean required = clause.column().getMaxDefinitionLevel() == 0;
    ColumnChunkMetaData chunk = chunk(clause.path());
    if (chunk == null || chunk.getValueCount() != rows) {
      return new ValueBounds(null, null, rows, -1);
    }
    Statistics<?> statistics = chunk.getStatistics();
    if (statistics == null) {
      return new ValueBounds(null, null, rows, required ? 0 : -1);
    }
    boolean bounded = statistics.hasNonNullValue();
    return ValueBounds.of(
        clause.form(),
        bounded ? ByteBuffer.wrap(statistics.getMinBytes()) : null,
        bounded ? ByteBuffer.wrap(statistics.getMaxBytes()) : null,
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
