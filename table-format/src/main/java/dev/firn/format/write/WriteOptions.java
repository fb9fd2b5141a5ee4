package dev.firn.format.write;

import java.nio.file.Path;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.jspecify.annotations.Nullable;

/**
 * How a {@link DataWriter} departs from its table's current state and from its own defaults; null
 * means these. Immutable.
 *
 * @param schema may carry the row-lineage columns of v3 ({@code
 *     MetadataColumns.schemaWithRowLineage}), which a rewrite preserves
 * @param targetFileSizeBytes the size that files are rolled at
 * @param memoryBytes the budget of the writer, at least 1 MB; by default an eighth of the heap, at
 *     most 256 MB. Nearly all of it is Arrow memory, which lies outside the heap
 * @param allocator where memory comes from, through a child limited to the budget; by default a
 *     root of the writer's own
 * @param spillDirectory where rows that memory does not hold wait in temporary files; by default
 *     the system's directory for them
 * @param registrar is told of each file before it is created
 */
public record WriteOptions(
    @Nullable Schema schema,
    @Nullable PartitionSpec spec,
    @Nullable Long targetFileSizeBytes,
    @Nullable Long memoryBytes,
    @Nullable BufferAllocator allocator,
    @Nullable Path spillDirectory,
    FileRegistrar registrar) {
  public static final WriteOptions OF_TABLE = new WriteOptions(null, null, null);

  public WriteOptions(
      @Nullable Schema schema, @Nullable PartitionSpec spec, @Nullable Long targetFileSizeBytes) {
    this(schema, spec, targetFileSizeBytes, null, null, null, FileRegistrar.NONE);
  }

  /** The same with another budget. */
  public WriteOptions withMemoryBytes(long bytes) {
    return new WriteOptions(
        schema, spec, targetFileSizeBytes, bytes, allocator, spillDirectory, registrar);
  }

  /** The same with memory from {@code parent}, which must outlive the writer. */
  public WriteOptions withAllocator(BufferAllocator parent) {
    return new WriteOptions(
        schema, spec, targetFileSizeBytes, memoryBytes, parent, spillDirectory, registrar);
  }

  /** The same with temporary files in another directory, which must exist. */
  public WriteOptions withSpillDirectory(Path directory) {
    return new WriteOptions(
        schema, spec, targetFileSizeBytes, memoryBytes, allocator, directory, registrar);
  }

  /** The same with files recorded before they are created. */
  public WriteOptions withRegistrar(FileRegistrar records) {
    return new WriteOptions(
        schema, spec, targetFileSizeBytes, memoryBytes, allocator, spillDirectory, records);
  }
}
