package dev.firn.format.write;

import dev.firn.format.write.key.RowOrder;
import java.nio.file.Path;
import java.util.concurrent.Executor;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.SortOrder;
import org.jspecify.annotations.Nullable;

/**
 * How a {@link DataWriter} departs from its table's current state and from its own defaults; null
 * means these. Immutable.
 *
 * @param schema may carry the row-lineage columns of v3 ({@code
 *     MetadataColumns.schemaWithRowLineage}), which a rewrite preserves
 * @param targetFileSizeBytes the size that files are rolled at
 * @param room what the writer may use
 * @param arrangement in which order rows come out, and who is told
 * @param registrar is told of each file before it is created
 */
public record WriteOptions(
    @Nullable Schema schema,
    @Nullable PartitionSpec spec,
    @Nullable Long targetFileSizeBytes,
    Room room,
    Arrangement arrangement,
    FileRegistrar registrar) {
  public static final WriteOptions OF_TABLE = new WriteOptions(null, null, null);

  /**
   * What a writer may use.
   *
   * @param memoryBytes the budget of the writer, at least 1 MB; by default an eighth of the heap,
   *     at most 256 MB. Nearly all of it is Arrow memory, which lies outside the heap
   * @param allocator where memory comes from, through a child limited to the budget; by default a
   *     root of the writer's own
   * @param spillDirectory where rows that memory does not hold wait in temporary files; by default
   *     the system's directory for them
   * @param executor where columns are encoded besides the writer's thread; borrowed
   * @param threads how many of the executor's threads at most, 0 for none
   */
  public record Room(
      @Nullable Long memoryBytes,
      @Nullable BufferAllocator allocator,
      @Nullable Path spillDirectory,
      Executor executor,
      int threads) {
    private static final Room DEFAULT = new Room(null, null, null, Runnable::run, 0);
  }

  /**
   * In which order the rows of a partition come out: by default in the table's sort order.
   *
   * @param sortOrder instead of the table's; unsorted means order of arrival
   * @param rowOrder instead of any sort order, so that files are not marked as sorted
   * @param places is told where each row went; rows are then written with their origins
   */
  public record Arrangement(
      @Nullable SortOrder sortOrder, @Nullable RowOrder rowOrder, @Nullable RowPlaces places) {
    private static final Arrangement DEFAULT = new Arrangement(null, null, null);
  }

  public WriteOptions(
      @Nullable Schema schema, @Nullable PartitionSpec spec, @Nullable Long targetFileSizeBytes) {
    this(schema, spec, targetFileSizeBytes, Room.DEFAULT, Arrangement.DEFAULT, FileRegistrar.NONE);
  }

  private WriteOptions with(Room other) {
    return new WriteOptions(schema, spec, targetFileSizeBytes, other, arrangement, registrar);
  }

  private WriteOptions with(Arrangement other) {
    return new WriteOptions(schema, spec, targetFileSizeBytes, room, other, registrar);
  }

  /** The same with another budget. */
  public WriteOptions withMemoryBytes(long bytes) {
    return with(new Room(bytes, room.allocator, room.spillDirectory, room.executor, room.threads));
  }

  /** The same with memory from {@code parent}, which must outlive the writer. */
  public WriteOptions withAllocator(BufferAllocator parent) {
    return with(
        new Room(room.memoryBytes, parent, room.spillDirectory, room.executor, room.threads));
  }

  /** The same with temporary files in another directory, which must exist. */
  public WriteOptions withSpillDirectory(Path directory) {
    return with(new Room(room.memoryBytes, room.allocator, directory, room.executor, room.threads));
  }

  /** The same, whose columns are encoded on up to {@code threads} threads of {@code executor}. */
  public WriteOptions withThreads(Executor executor, int threads) {
    return with(new Room(room.memoryBytes, room.allocator, room.spillDirectory, executor, threads));
  }

  /** The same with rows sorted otherwise than the table's sort order says. */
  public WriteOptions withSortOrder(SortOrder order) {
    return with(new Arrangement(order, arrangement.rowOrder, arrangement.places));
  }

  /** The same with rows in an order that is no sort order. */
  public WriteOptions withRowOrder(RowOrder order) {
    return with(new Arrangement(arrangement.sortOrder, order, arrangement.places));
  }

  /** The same, which tells where rows went. */
  public WriteOptions withPlaces(RowPlaces places) {
    return with(new Arrangement(arrangement.sortOrder, arrangement.rowOrder, places));
  }

  /** The same with files recorded before they are created. */
  public WriteOptions withRegistrar(FileRegistrar records) {
    return new WriteOptions(schema, spec, targetFileSizeBytes, room, arrangement, records);
  }
}
