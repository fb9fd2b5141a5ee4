package dev.firn.compaction.erase;

/**
 * A file as the proof found it.
 *
 * @param kind what it is: {@code data}, {@code position-deletes}, {@code equality-deletes}, {@code
 *     manifest}, {@code manifest-list}, {@code metadata}, {@code statistics}, {@code
 *     partition-statistics}, or {@code unknown}
 * @param reachable whether a retained snapshot, or the table's metadata, refers to it
 * @param rows how many rows, entries or blobs were looked at
 * @param matches how many of them hold what was to be erased, or cannot be told from that
 * @param remedy how to remove it; empty where nothing is to be removed
 */
public record CheckedFile(
    String location, String kind, boolean reachable, long rows, long matches, String remedy) {
  static CheckedFile clean(String location, String kind, boolean reachable, long rows) {
    return new CheckedFile(location, kind, reachable, rows, 0, "");
  }

  /** Whether nothing is left in it. */
  public boolean isClean() {
    return matches == 0;
  }
}
