package dev.firn.compaction;

/**
 * Told of a running compaction. Called from the compacting thread, at most once per few thousand
 * rows.
 */
@FunctionalInterface
public interface CompactionProgress {
  /**
   * {@code bytesDone} of {@code bytesTotal} input bytes are rewritten, {@code rows} rows written.
   */
  void update(long bytesDone, long bytesTotal, long rows);
}
