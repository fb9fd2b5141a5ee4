package dev.firn.storage.cache;

/** A value that may be kept in a {@link MemoryCache}. Immutable, or used as if it were. */
public interface Weighed {
  /**
   * About how many bytes of memory it holds, the same at every call; its key and the cache's own
   * bookkeeping not counted.
   */
  long weight();
}
