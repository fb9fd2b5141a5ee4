package dev.firn.storage.cache;

/**
 * How a cache of blocks on disk did, in this process. Immutable.
 *
 * @param hits blocks read from the disk
 * @param misses blocks that were not there, or refused
 * @param damaged blocks that were refused, and deleted: torn, or not what was written
 * @param written blocks put on the disk
 * @param evicted blocks deleted to make room
 */
public record BlockCounts(long hits, long misses, long damaged, long written, long evicted) {
  /** No block. */
  public static final BlockCounts NONE = new BlockCounts(0, 0, 0, 0, 0);
}
