package dev.firn.storage.cache;

/**
 * How a cache did. Immutable.
 *
 * @param hits values that were there, or were being loaded by another
 * @param misses loads, failed ones too
 * @param evictions values that made room for others
 * @param entries values that are there now
 * @param bytes their weights now, and those of their keys
 */
public record CacheCounts(long hits, long misses, long evictions, long entries, long bytes) {
  /** What happened since {@code before}; what is there stays as it is now. */
  public CacheCounts since(CacheCounts before) {
    return new CacheCounts(
        hits - before.hits, misses - before.misses, evictions - before.evictions, entries, bytes);
  }
}
