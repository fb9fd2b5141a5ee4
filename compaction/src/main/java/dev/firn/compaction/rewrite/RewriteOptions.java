package dev.firn.compaction.rewrite;

import dev.firn.format.write.FileRegistrar;
import dev.firn.format.write.key.RowOrder;
import java.nio.file.Path;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.iceberg.SortOrder;
import org.jspecify.annotations.Nullable;

/**
 * How a {@link Rewriter} works. Immutable.
 *
 * @param allocator where batches come from; borrowed
 * @param registrar is told of each output before it exists
 * @param sortOrder of the outputs, within each partition; null: the table's; unsorted: the sources'
 * @param rowOrder of the outputs instead of a sort order; null: none
 * @param memoryBytes what rows that wait and files that are written may hold
 * @param threads how many threads work, the caller's included; at least 1
 * @param directory for temporary files, which are gone when the rewriter and its row maps are
 *     closed; null: the system's
 * @param progress is told how it goes on
 */
public record RewriteOptions(
    BufferAllocator allocator,
    FileRegistrar registrar,
    @Nullable SortOrder sortOrder,
    @Nullable RowOrder rowOrder,
    long memoryBytes,
    int threads,
    @Nullable Path directory,
    RewriteProgress progress) {
  /** Row groups of some 72 MB: a file of 128 MB has two, which can be read side by side. */
  private static final long DEFAULT_MEMORY = 96L << 20;

  public RewriteOptions {
    if (memoryBytes < 1 << 20 || threads < 1) {
      throw new IllegalArgumentException(
          "expected at least 1 MB and 1 thread, got %d bytes and %d threads"
              .formatted(memoryBytes, threads));
    }
  }

  /** In the table's order, on every processor, with 96 MB for what is written. */
  public static RewriteOptions of(BufferAllocator allocator) {
    return new RewriteOptions(
        allocator,
        FileRegistrar.NONE,
        null,
        null,
        DEFAULT_MEMORY,
        Runtime.getRuntime().availableProcessors(),
        null,
        RewriteProgress.NONE);
  }

  /** The same with outputs recorded before they exist. */
  public RewriteOptions recordedBy(FileRegistrar records) {
    return new RewriteOptions(
        allocator, records, sortOrder, rowOrder, memoryBytes, threads, directory, progress);
  }

  /** The same in another sort order than the table's. */
  public RewriteOptions sortedBy(SortOrder order) {
    return new RewriteOptions(
        allocator, registrar, order, rowOrder, memoryBytes, threads, directory, progress);
  }

  /** The same in an order that is no sort order, such as a clustering's. */
  public RewriteOptions orderedBy(RowOrder order) {
    return new RewriteOptions(
        allocator, registrar, sortOrder, order, memoryBytes, threads, directory, progress);
  }

  /** The same with another budget for what is written. */
  public RewriteOptions memoryBytes(long bytes) {
    return new RewriteOptions(
        allocator, registrar, sortOrder, rowOrder, bytes, threads, directory, progress);
  }

  /** The same on so many threads, the caller's included. */
  public RewriteOptions threads(int count) {
    return new RewriteOptions(
        allocator, registrar, sortOrder, rowOrder, memoryBytes, count, directory, progress);
  }

  /** The same with temporary files in a directory, which must exist. */
  public RewriteOptions directory(Path temporary) {
    return new RewriteOptions(
        allocator, registrar, sortOrder, rowOrder, memoryBytes, threads, temporary, progress);
  }

  /** The same, which tells how it goes on. */
  public RewriteOptions progress(RewriteProgress told) {
    return new RewriteOptions(
        allocator, registrar, sortOrder, rowOrder, memoryBytes, threads, directory, told);
  }
}
