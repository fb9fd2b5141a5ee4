package dev.firn.scan.plan;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntPredicate;
import org.apache.iceberg.ContentFile;
import org.apache.iceberg.FileContent;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.StructLike;
import org.jspecify.annotations.Nullable;

/**
 * A file as an entry of a manifest in columns has it, read as it is asked for. Immutable, so that a
 * copy is the file itself; it keeps the columns of its manifest in memory.
 *
 * @param <F> the kind of file
 */
abstract class PlannedFile<F> implements ContentFile<F> {
  /** Which fields there are statistics of: of all. */
  static final IntPredicate ALL = id -> true;

  private final Manifest manifest;
  private final Chunk chunk;
  private final int row;
  private final StructLike partition;
  private final @Nullable IntPredicate statistics;

  /**
   * @param statistics the fields to tell statistics of; null: there are no statistics at all
   */
  PlannedFile(
      Manifest manifest,
      Chunk chunk,
      int row,
      StructLike partition,
      @Nullable IntPredicate statistics) {
    this.manifest = manifest;
    this.chunk = chunk;
    this.row = row;
    this.partition = partition;
    this.statistics = statistics;
  }

  /** The same file with other statistics. */
  abstract F with(
      Manifest itsManifest,
      Chunk itsChunk,
      int itsRow,
      StructLike itsPartition,
      @Nullable IntPredicate itsStatistics);

  /** This file. */
  abstract F self();

  Manifest manifest() {
    return manifest;
  }

  Chunk chunk() {
    return chunk;
  }

  int row() {
    return row;
  }

  @Override
  public String manifestLocation() {
    return manifest.path();
  }

  @Override
  public @Nullable Long pos() {
    return chunk.boxed(LongField.ORDINAL, row);
  }

  @Override
  public int specId() {
    return manifest.specId();
  }

  @Override
  public FileContent content() {
    Long content = chunk.boxed(LongField.CONTENT, row);
    return content == null ? FileContent.DATA : FileContent.fromId(Math.toIntExact(content));
  }

  @Override
  @SuppressWarnings("deprecation")
  public CharSequence path() {
    return location();
  }

  @Override
  public String location() {
    return chunk.paths().get(row);
  }

  @Override
  public FileFormat format() {
    return FileFormat.fromString(
        new String(chunk.formats().get(row), java.nio.charset.StandardCharsets.UTF_8));
  }

  @Override
  public StructLike partition() {
    return partition;
  }

  @Override
  public long recordCount() {
    return chunk.number(LongField.RECORD_COUNT, row);
  }

  @Override
  public long fileSizeInBytes() {
    return chunk.number(LongField.FILE_SIZE, row);
  }

  @Override
  public @Nullable Map<Integer, Long> columnSizes() {
    return counts(Statistic.COLUMN_SIZES);
  }

  @Override
  public @Nullable Map<Integer, Long> valueCounts() {
    return counts(Statistic.VALUE_COUNTS);
  }

  @Override
  public @Nullable Map<Integer, Long> nullValueCounts() {
    return counts(Statistic.NULL_COUNTS);
  }

  @Override
  public @Nullable Map<Integer, Long> nanValueCounts() {
    return counts(Statistic.NAN_COUNTS);
  }

  @Override
  public @Nullable Map<Integer, ByteBuffer> lowerBounds() {
    return bounds(Statistic.LOWER_BOUNDS);
  }

  @Override
  public @Nullable Map<Integer, ByteBuffer> upperBounds() {
    return bounds(Statistic.UPPER_BOUNDS);
  }

  private @Nullable Map<Integer, Long> counts(Statistic statistic) {
    StatColumns<LongColumn> columns = chunk.counts(statistic);
    if (statistics == null || !columns.has(row)) {
      return null;
    }
    return new StatMap<LongColumn, Long>(columns, statistics) {
      @Override
      @Nullable Long value(LongColumn column) {
        return column.boxed(row);
      }
    };
  }

  private @Nullable Map<Integer, ByteBuffer> bounds(Statistic statistic) {
    StatColumns<BytesColumn> columns = chunk.bounds(statistic);
    if (statistics == null || !columns.has(row)) {
      return null;
    }
    return new StatMap<BytesColumn, ByteBuffer>(columns, statistics) {
      @Override
      @Nullable ByteBuffer value(BytesColumn column) {
        return column.isNull(row) ? null : ByteBuffer.wrap(column.get(row));
      }
    };
  }

  @Override
  public @Nullable ByteBuffer keyMetadata() {
    BytesColumn keys = chunk.keyMetadata();
    return keys == null || keys.isNull(row) ? null : ByteBuffer.wrap(keys.get(row));
  }

  @Override
  public @Nullable List<Long> splitOffsets() {
    ListColumn offsets = chunk.splitOffsets();
    long[] list = offsets == null ? null : offsets.get(row);
    // Offsets beyond the end of the file are damaged, and Iceberg does not use them.
    if (list == null || list.length == 0 || list[list.length - 1] >= fileSizeInBytes()) {
      return null;
    }
    return Arrays.stream(list).boxed().toList();
  }

  @Override
  public @Nullable List<Integer> equalityFieldIds() {
    ListColumn ids = chunk.equalityIds();
    long[] list = ids == null ? null : ids.get(row);
    return list == null ? null : Arrays.stream(list).mapToObj(Math::toIntExact).toList();
  }

  @Override
  public @Nullable Integer sortOrderId() {
    Long id = chunk.boxed(LongField.SORT_ORDER, row);
    return id == null ? null : Math.toIntExact(id);
  }

  @Override
  public @Nullable Long dataSequenceNumber() {
    return chunk.boxed(LongField.DATA_SEQUENCE, row);
  }

  @Override
  public @Nullable Long fileSequenceNumber() {
    return chunk.boxed(LongField.FILE_SEQUENCE, row);
  }

  @Override
  public @Nullable Long firstRowId() {
    return chunk.boxed(LongField.FIRST_ROW_ID, row);
  }

  @Override
  public F copy() {
    return self();
  }

  @Override
  public F copyWithoutStats() {
    return with(manifest, chunk, row, partition, null);
  }

  @Override
  public F copyWithStats(Set<Integer> requestedColumnIds) {
    IntPredicate mine = statistics;
    if (mine == null) {
      return self();
    }
    Set<Integer> ids = Set.copyOf(requestedColumnIds);
    return with(manifest, chunk, row, partition, id -> mine.test(id) && ids.contains(id));
  }

  @Override
  public F copy(boolean withStats) {
    return withStats ? copy() : copyWithoutStats();
  }

  @Override
  public String toString() {
    return content() + " file " + location();
  }
}
