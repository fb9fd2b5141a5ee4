package dev.firn.format.merge;

import dev.firn.format.parquet.filter.ThriftBytes;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.apache.parquet.column.statistics.SizeStatistics;
import org.apache.parquet.column.statistics.Statistics;
import org.apache.parquet.format.ColumnIndex;
import org.apache.parquet.format.OffsetIndex;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.internal.hadoop.metadata.IndexReference;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.jspecify.annotations.Nullable;
import shaded.parquet.org.apache.thrift.TBase;
import shaded.parquet.org.apache.thrift.TException;

/**
 * What a source knows of a column chunk and its pages: of a chunk of one page by the footer, of
 * others by the indexes too. Immutable.
 */
final class Facts {
  private final ColumnChunkMetaData chunk;
  private final PrimitiveType type;
  private final int count;
  private final @Nullable ColumnIndex columns;
  private final @Nullable OffsetIndex offsets;
  private final Column column;

  /** Of the whole chunk, in the type of the column that comes out; as stored, so maybe unknown. */
  private final @Nullable Statistics<?> stored;

  private Facts(
      ColumnChunkMetaData chunk,
      Column column,
      int count,
      @Nullable ColumnIndex columns,
      @Nullable OffsetIndex offsets) {
    this.chunk = chunk;
    this.column = column;
    this.type = column.descriptor().getPrimitiveType();
    this.count = count;
    this.columns = columns;
    this.offsets = offsets;
    this.stored = own(chunk.getStatistics(), type);
  }

  /** Those of columns with another name, or another spelling of the type, cannot be united. */
  private static @Nullable Statistics<?> own(@Nullable Statistics<?> of, PrimitiveType type) {
    if (of == null || of.type().equals(type)) {
      return of;
    }
    Statistics.Builder built = Statistics.getBuilderForReading(type);
    if (of.isNumNullsSet()) {
      built.withNumNulls(of.getNumNulls());
    }
    if (of.hasNonNullValue()) {
      built.withMin(of.getMinBytes()).withMax(of.getMaxBytes());
    }
    return built.build();
  }

  /** Of a chunk with {@code pages} data pages. */
  static Facts of(Unit unit, Column column, ColumnChunkMetaData chunk, int pages) {
    if (pages == 1 && isKnown(chunk.getStatistics(), chunk.getValueCount())) {
      return new Facts(chunk, column, pages, null, null);
    }
    ColumnIndex columns = read(unit, chunk.getColumnIndexReference(), new ColumnIndex());
    OffsetIndex offsets = read(unit, chunk.getOffsetIndexReference(), new OffsetIndex());
    boolean fits =
        columns != null
            && columns.getNull_pagesSize() == pages
            && columns.getMin_valuesSize() == pages
            && columns.getMax_valuesSize() == pages
            && columns.getNull_countsSize() == pages
            && column.descriptor().getPrimitiveType().getPrimitiveTypeName()
                != PrimitiveTypeName.INT96;
    return new Facts(chunk, column, pages, fits ? columns : null, offsets);
  }

  private static <T extends TBase<?, ?>> @Nullable T read(
      Unit unit, @Nullable IndexReference at, T into) {
    if (at == null) {
      return null;
    }
    try {
      return new ThriftBytes(unit.source().stored().part(at)).readInto(into);
    } catch (TException e) {
      return null; // pages are found, and bounds are valid, without it
    }
  }

  private static boolean isKnown(@Nullable Statistics<?> statistics, long entries) {
    return statistics != null
        && !statistics.isEmpty()
        && statistics.isNumNullsSet()
        && (statistics.hasNonNullValue() || statistics.getNumNulls() == entries);
  }

  /** Of the whole chunk; null where its bounds are not known. */
  @Nullable Statistics<?> statistics() {
    if (isKnown(stored, chunk.getValueCount())) {
      return stored;
    }
    Statistics<?> all = null;
    for (int i = 0; i < count; i++) {
      Statistics<?> page = page(i);
      if (page == null || columns == null) {
        return null;
      }
      if (all == null) {
        all = page.copy();
      } else {
        all.mergeStatistics(page);
      }
    }
    return isKnown(all, chunk.getValueCount()) ? all : null;
  }

  /** Nulls of the chunk, absent values among them; -1 where they are not known. */
  long nulls() {
    if (column.descriptor().getMaxDefinitionLevel() == 0) {
      return 0;
    }
    if (stored != null && stored.isNumNullsSet()) {
      return stored.getNumNulls();
    }
    return columns == null
        ? -1
        : columns.getNull_counts().stream().mapToLong(Long::longValue).sum();
  }

  /** Of a data page; null where its bounds are not known. */
  @Nullable Statistics<?> page(int page) {
    if (count == 1 && isKnown(stored, chunk.getValueCount())) {
      return stored;
    }
    if (columns == null) {
      return null;
    }
    Statistics.Builder built =
        Statistics.getBuilderForReading(type).withNumNulls(columns.getNull_counts().get(page));
    if (!columns.getNull_pages().get(page)) {
      built.withMin(bytes(columns.getMin_values().get(page)));
      built.withMax(bytes(columns.getMax_values().get(page)));
    }
    return built.build();
  }

  private static byte[] bytes(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.duplicate().get(bytes);
    return bytes;
  }

  /** How many entries there are of each level in a data page; null where that is not known. */
  @Nullable SizeStatistics sizes(int page) {
    if (count == 1) {
      SizeStatistics stored = chunk.getSizeStatistics();
      return stored != null && stored.isValid()
          ? sizes(
              stored.getUnencodedByteArrayDataBytes().orElse(0L),
              histogram(stored.getRepetitionLevelHistogram(), 0, maxRepetition(), 0),
              histogram(stored.getDefinitionLevelHistogram(), 0, maxDefinition(), 1))
          : null;
    }
    List<Long> repetition = columns == null ? null : columns.getRepetition_level_histograms();
    List<Long> definition = columns == null ? null : columns.getDefinition_level_histograms();
    return sizes(
        unencoded(page),
        histogram(repetition, page, maxRepetition(), 0),
        histogram(definition, page, maxDefinition(), 1));
  }

  private int maxRepetition() {
    return column.descriptor().getMaxRepetitionLevel();
  }

  private int maxDefinition() {
    return column.descriptor().getMaxDefinitionLevel();
  }

  private @Nullable SizeStatistics sizes(
      long bytes, @Nullable List<Long> repetition, @Nullable List<Long> definition) {
    return repetition == null || definition == null || bytes < 0
        ? null
        : new SizeStatistics(type, bytes, repetition, definition);
  }

  private long unencoded(int page) {
    if (type.getPrimitiveTypeName() != PrimitiveTypeName.BINARY) {
      return 0;
    }
    return offsets == null || offsets.getUnencoded_byte_array_data_bytesSize() != count
        ? -1
        : offsets.getUnencoded_byte_array_data_bytes().get(page);
  }

  /** Levels of one kind of one page; left out, as everywhere, where there are few of them. */
  private @Nullable List<Long> histogram(@Nullable List<Long> all, int page, int max, int few) {
    int each = max + 1;
    if (max <= few) {
      return new ArrayList<>();
    }
    return all != null && all.size() == each * count
        ? new ArrayList<>(all.subList(page * each, (page + 1) * each))
        : null;
  }
}
