package dev.firn.scan.plan;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A builder of chunks, one after the other: values of the current row are put by field, strings as
 * slices of one buffer. Confined to one thread.
 */
final class ChunkBuilder {
  /** About how many rows a chunk has: enough that what is the same in all of them costs little. */
  static final int CHUNK_ROWS = 4096;

  private final Map<LongField, LongStage> longs = new EnumMap<>(LongField.class);
  private final Map<Statistic, MapStage> statistics = new EnumMap<>(Statistic.class);
  private final LongStage path = new LongStage();
  private final LongStage format = new LongStage();
  private final LongStage keyMetadata = new LongStage();
  private final LongStage referenced = new LongStage();
  private final ListStage splitOffsets = new ListStage();
  private final ListStage equalityIds = new ListStage();
  private final List<PartitionStage> partitions = new ArrayList<>();
  private byte[] buffer = new byte[1 << 16];
  private int used;
  private int row;

  /** A builder of a {@link ListColumn}. */
  private static final class ListStage {
    private final LongStage counts = new LongStage();
    private final LongStage values = new LongStage();
    private int total;
    private int mark;

    void begin(int row) {
      mark = total;
      counts.put(row, 0);
    }

    void add(int row, long value) {
      values.put(total++, value);
      counts.put(row, total - mark);
    }

    void clear(int row) {
      if (counts.has(row)) {
        counts.clear(row);
        total = mark;
      }
    }

    @Nullable ListColumn column(int rows) {
      return ListColumn.of(counts, values, total, rows);
    }

    void reset() {
      counts.reset();
      values.reset();
      total = 0;
      mark = 0;
    }
  }

  ChunkBuilder() {
    for (LongField field : LongField.values()) {
      longs.put(field, new LongStage());
    }
    for (Statistic statistic : Statistic.values()) {
      statistics.put(statistic, new MapStage());
    }
  }

  /** Begins another manifest, whose partitions may be others; keeps its room. */
  void reuse() {
    partitions.clear();
  }

  /** The row that values are put for. */
  int row() {
    return row;
  }

  LongStage longs(LongField field) {
    return Objects.requireNonNull(longs.get(field));
  }

  MapStage statistics(Statistic statistic) {
    return Objects.requireNonNull(statistics.get(statistic));
  }

  LongStage path() {
    return path;
  }

  LongStage format() {
    return format;
  }

  LongStage keyMetadata() {
    return keyMetadata;
  }

  LongStage referenced() {
    return referenced;
  }

  void beginSplitOffsets() {
    splitOffsets.begin(row);
  }

  void addSplitOffset(long value) {
    splitOffsets.add(row, value);
  }

  void beginEqualityIds() {
    equalityIds.begin(row);
  }

  void addEqualityId(long value) {
    equalityIds.add(row, value);
  }

  LongStage partition(int fieldId, PartitionStage.Physical physical) {
    for (PartitionStage stage : partitions) {
      if (stage.fieldId() == fieldId) {
        if (stage.physical() != physical) {
          throw new UnsupportedManifestException("partition field " + fieldId + " of two types");
        }
        return stage.values();
      }
    }
    PartitionStage made = new PartitionStage(fieldId, physical, new LongStage());
    partitions.add(made);
    return made.values();
  }

  /** The buffer that slices are of; another after {@link #room}. */
  byte[] buffer() {
    return buffer;
  }

  int used() {
    return used;
  }

  /** Makes room for so many bytes after those used. */
  void room(int bytes) {
    long needed = (long) used + bytes;
    if (needed > Integer.MAX_VALUE - 16) {
      throw new UnsupportedManifestException("its blocks are too large");
    }
    if (needed > buffer.length) {
      buffer = Arrays.copyOf(buffer, (int) Math.min(Integer.MAX_VALUE - 16, needed * 2));
    }
  }

  /** Counts bytes as used that were put into the buffer. */
  void use(int bytes) {
    used += bytes;
  }

  /** Puts bytes into the buffer, and returns their slice. */
  long add(byte[] bytes) {
    room(bytes.length);
    System.arraycopy(bytes, 0, buffer, used, bytes.length);
    long slice = BytesColumn.slice(used, bytes.length);
    used += bytes.length;
    return slice;
  }

  void nextRow() {
    row++;
  }

  /** Forgets what was put for the current row. */
  void dropRow() {
    longs.values().forEach(stage -> stage.clear(row));
    statistics.values().forEach(stage -> stage.clear(row));
    for (LongStage stage : List.of(path, format, keyMetadata, referenced)) {
      stage.clear(row);
    }
    splitOffsets.clear(row);
    equalityIds.clear(row);
    partitions.forEach(stage -> stage.values().clear(row));
  }

  /** The rows put so far; null where there are none. Begins the next chunk. */
  @Nullable Chunk finish() {
    Chunk chunk = row == 0 ? null : chunk();
    longs.values().forEach(LongStage::reset);
    statistics.values().forEach(MapStage::reset);
    for (LongStage stage : List.of(path, format, keyMetadata, referenced)) {
      stage.reset();
    }
    splitOffsets.reset();
    equalityIds.reset();
    partitions.forEach(stage -> stage.values().reset());
    row = 0;
    used = 0;
    return chunk;
  }

  private Chunk chunk() {
    Map<LongField, LongColumn> columns = new EnumMap<>(LongField.class);
    longs.forEach(
        (field, stage) -> {
          LongColumn column = stage.column(row);
          if (column != null) {
            columns.put(field, column);
          }
        });
    PathColumn paths = PathColumn.of(path, buffer, row);
    BytesColumn formats = BytesColumn.of(format, buffer, row);
    LongColumn records = columns.get(LongField.RECORD_COUNT);
    LongColumn sizes = columns.get(LongField.FILE_SIZE);
    if (paths == null || formats == null || records == null || sizes == null) {
      throw new DamagedManifestException(
          "entries without a path, format, size or count of records");
    }
    if (path.present(row) != null
        || format.present(row) != null
        || records.hasNulls()
        || sizes.hasNulls()) {
      throw new DamagedManifestException("an entry without a path, format, size or count");
    }
    StatColumns<BytesColumn> lower = bounds(Statistic.LOWER_BOUNDS, null);
    return new Chunk(
        row,
        columns,
        paths,
        formats,
        BytesColumn.of(keyMetadata, buffer, row),
        PathColumn.of(referenced, buffer, row),
        splitOffsets.column(row),
        equalityIds.column(row),
        Tuples.of(partitions, buffer, row),
        Map.of(
            Statistic.COLUMN_SIZES, counts(Statistic.COLUMN_SIZES, records),
            Statistic.VALUE_COUNTS, counts(Statistic.VALUE_COUNTS, records),
            Statistic.NULL_COUNTS, counts(Statistic.NULL_COUNTS, records),
            Statistic.NAN_COUNTS, counts(Statistic.NAN_COUNTS, records)),
        lower,
        bounds(Statistic.UPPER_BOUNDS, lower));
  }

  private StatColumns<LongColumn> counts(Statistic statistic, LongColumn records) {
    MapStage stage = statistics(statistic);
    int[] ids = present(stage);
    LongColumn[] columns = new LongColumn[ids.length];
    for (int i = 0; i < ids.length; i++) {
      LongColumn column = Objects.requireNonNull(stage.stage(stage.slot(ids[i], i)).column(row));
      // Most columns have as many values as the file has rows.
      columns[i] = column.equalTo(records, row) ? records : column;
    }
    return new StatColumns<>(stage.present().column(row), ids, columns);
  }

  private StatColumns<BytesColumn> bounds(
      Statistic statistic, @Nullable StatColumns<BytesColumn> other) {
    MapStage stage = statistics(statistic);
    int[] ids = present(stage);
    BytesColumn[] columns = new BytesColumn[ids.length];
    for (int i = 0; i < ids.length; i++) {
      BytesColumn column =
          Objects.requireNonNull(BytesColumn.of(stage.stage(stage.slot(ids[i], i)), buffer, row));
      BytesColumn same = other == null ? null : other.column(ids[i]);
      columns[i] = same != null && column.equalTo(same, row) ? same : column;
    }
    return new StatColumns<>(stage.present().column(row), ids, columns);
  }

  /** The fields that some row has a value of, ascending. */
  private int[] present(MapStage stage) {
    return Arrays.stream(stage.ids())
        .filter(id -> stage.stage(stage.slot(id, 0)).any(row))
        .sorted()
        .toArray();
  }
}
