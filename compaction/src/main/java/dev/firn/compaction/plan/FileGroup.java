package dev.firn.compaction.plan;

import java.util.List;
import org.apache.iceberg.FileScanTask;

/**
 * Data files that are rewritten together, with the deletes that applied to them when they were
 * planned. Immutable.
 *
 * @param partition as a path; empty where the table is not partitioned, or where files of older
 *     partition specs are mixed
 * @param sources whole files, in the order in which an in-order rewrite takes their rows
 * @param fileBytes how large the files that come out should be
 * @param expectedFiles about how many come out
 */
public record FileGroup(
    String partition, List<FileScanTask> sources, long fileBytes, int expectedFiles) {
  public FileGroup {
    sources = List.copyOf(sources);
  }

  /** Bytes of the sources. */
  public long bytes() {
    return sources.stream().mapToLong(source -> source.file().fileSizeInBytes()).sum();
  }
}
