package dev.firn.storage.cache;

import org.apache.iceberg.io.InputFile;
import org.jspecify.annotations.Nullable;

/** A file of which something may be kept in memory. Immutable. */
public interface CachedFile extends InputFile {
  /** Where to keep it. Borrowed from the store. */
  MemoryCache cache();

  /**
   * What the file is known by in {@link #cache()}: its location, and on a local disk also what
   * tells a file from another that took its place. Null where nothing of it may be kept now: it is
   * missing, or changed so recently that a change could go unseen.
   */
  @Nullable String cacheKey();

  /**
   * Returns what {@code loader} makes of the file, from the file's cache, or loaded where it has
   * none.
   *
   * @throws X what the loader throws, see {@link MemoryCache#get}
   */
  static <T extends Weighed, X extends Exception> T cached(
      InputFile file, Class<T> kind, MemoryCache.Loader<T, X> loader) throws X {
    if (file instanceof CachedFile kept) {
      String key = kept.cacheKey();
      if (key != null) {
        return kept.cache().get(key, kind, loader);
      }
    }
    return loader.load();
  }
}
