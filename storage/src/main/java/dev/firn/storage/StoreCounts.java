package dev.firn.storage;

/**
 * What was asked of a store. Immutable. A local disk counts its operations in the same places: an
 * open for reading is a read, a file published a write.
 *
 * @param reads GET requests, whole or of ranges
 * @param heads requests for a file's length or existence
 * @param writes files written in one request
 * @param parts parts uploaded of files written in several
 * @param uploads multipart uploads begun, completed or aborted: each such request
 * @param lists requests for a page of a listing
 * @param deletes requests that delete, of one file or of many
 * @param bytesRead bytes of bodies read
 * @param bytesWritten bytes of bodies written
 * @param retries requests sent again, in addition to those above
 * @param throttled answers that told to slow down
 */
public record StoreCounts(
    long reads,
    long heads,
    long writes,
    long parts,
    long uploads,
    long lists,
    long deletes,
    long bytesRead,
    long bytesWritten,
    long retries,
    long throttled) {
  /** No request. */
  public static final StoreCounts NONE = new StoreCounts(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

  /** All requests but those that were sent again. */
  public long requests() {
    return reads + heads + writes + parts + uploads + lists + deletes;
  }

  /** Adds up two stores. */
  public StoreCounts plus(StoreCounts other) {
    return new StoreCounts(
        reads + other.reads,
        heads + other.heads,
        writes + other.writes,
        parts + other.parts,
        uploads + other.uploads,
        lists + other.lists,
        deletes + other.deletes,
        bytesRead + other.bytesRead,
        bytesWritten + other.bytesWritten,
        retries + other.retries,
        throttled + other.throttled);
  }

  /** What was asked since {@code before}. */
  public StoreCounts since(StoreCounts before) {
    return new StoreCounts(
        reads - before.reads,
        heads - before.heads,
        writes - before.writes,
        parts - before.parts,
        uploads - before.uploads,
        lists - before.lists,
        deletes - before.deletes,
        bytesRead - before.bytesRead,
        bytesWritten - before.bytesWritten,
        retries - before.retries,
        throttled - before.throttled);
  }
}
