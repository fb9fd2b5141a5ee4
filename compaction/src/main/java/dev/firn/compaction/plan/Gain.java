package dev.firn.compaction.plan;

/**
 * What each later scan is spared once a group is rewritten, and what the rewrite costs. Estimates,
 * from metadata. Immutable.
 *
 * @param filesAvoided data files less
 * @param deleteFilesAvoided applications of a delete file to a data file less
 * @param deadBytes bytes of deleted rows, as far as deletes tell how many there are
 * @param overlapBytes bytes that a look-up by the wished order no longer reads, at most
 * @param bytesRead of the sources and of what applies to them
 * @param bytesWritten about
 */
public record Gain(
    int filesAvoided,
    int deleteFilesAvoided,
    long deadBytes,
    long overlapBytes,
    long bytesRead,
    long bytesWritten) {
  /** What opening one more file costs a reader: as Iceberg plans splits. */
  static final long FILE_OPEN_BYTES = 4L << 20;

  static final Gain NONE = new Gain(0, 0, 0, 0, 0, 0);

  /** What a later scan is spared, in bytes; a file not opened counts as 4 MiB. */
  public long bytesSaved() {
    return deadBytes
        + overlapBytes
        + FILE_OPEN_BYTES * ((long) Math.max(0, filesAvoided) + Math.max(0, deleteFilesAvoided));
  }

  /**
   * Bytes that each later scan is spared for each byte read and written now. Infinite where nothing
   * is read and written.
   */
  public double perByte() {
    long cost = bytesRead + bytesWritten;
    return cost == 0 ? Double.POSITIVE_INFINITY : (double) bytesSaved() / cost;
  }
}
