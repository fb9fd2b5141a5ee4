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
 * @param expectedFiles about how many come out; 0: no row of the sources is alive, nothing is to be
 *     read or written, and they go by a change of metadata alone
 * @param gain what it is worth, and costs
 * @param reason one sentence that says why
 */
public record FileGroup(
    String partition,
    List<FileScanTask> sources,
    long fileBytes,
    int expectedFiles,
    Gain gain,
    String reason) {
  public FileGroup {
    sources = List.copyOf(sources);
  }

  /** A group that somebody asked for: its gain is not known. */
  public FileGroup(
      String partition, List<FileScanTask> sources, long fileBytes, int expectedFiles) {
    this(partition, sources, fileBytes, expectedFiles, Gain.NONE, "It was asked for.");
  }

  /** Whether no row of the sources is alive. */
  public boolean isMetadataOnly() {
    return expectedFiles == 0;
  }

  /** Bytes of the sources. */
  public long bytes() {
    return sources.stream().mapToLong(source -> source.file().fileSizeInBytes()).sum();
  }
}
