package dev.firn.storage.cache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Policy;
import com.github.benmanes.caffeine.cache.RemovalCause;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.apache.iceberg.exceptions.NotFoundException;
import org.jspecify.annotations.Nullable;

/**
 * What was read of immutable files, in memory, within a bound of bytes: values of several kinds,
 * each with its own weight, by file and kind. Thread-safe. Uses no threads of its own.
 *
 * <p>How it works: a value that is missing is loaded by the first thread that asks, in that thread;
 * the others wait for it. A load that fails leaves nothing: threads that waited for it are told
 * that the file is missing, or else load for themselves, since the failure may have been the
 * other's own. Values that are being loaded do not count.
 */
public final class MemoryCache {
  /** What an entry costs beside its value and the characters of its key. */
  private static final int ENTRY_BYTES = 256;

  private final Cache<Key, Weighed> values;
  private final Map<Key, CompletableFuture<Weighed>> loading = new ConcurrentHashMap<>();
  private final Set<Class<?>> kinds = ConcurrentHashMap.newKeySet();
  private final LongAdder hits = new LongAdder();
  private final LongAdder misses = new LongAdder();
  private final LongAdder evictions = new LongAdder();
  private final long maxBytes;

  private MemoryCache(long maxBytes) {
    this.maxBytes = maxBytes;
    this.values =
        Caffeine.newBuilder()
            .maximumWeight(maxBytes)
            .weigher(MemoryCache::weigh)
            .removalListener(this::removed)
            .executor(Runnable::run)
            .build();
  }

  /** Makes an empty one that keeps at most so many bytes; with 0 it keeps nothing. */
  public static MemoryCache ofBytes(long maxBytes) {
    if (maxBytes < 0) {
      throw new IllegalArgumentException(
          "Cannot make a cache: expected bytes from 0, got " + maxBytes);
    }
    return new MemoryCache(maxBytes);
  }

  /** Makes the value that is missing. */
  public interface Loader<T extends Weighed, X extends Exception> {
    /** Loads it, in the thread that asks. Must not ask the cache for the same value. */
    T load() throws X;
  }

  /** How many bytes it keeps at most. */
  public long maxBytes() {
    return maxBytes;
  }

  /**
   * Returns the value, loading it where it is missing.
   *
   * @param file what tells the file from all others, see {@link CachedFile#cacheKey}
   * @throws X what the loader throws; nothing is kept then
   */
  public <T extends Weighed, X extends Exception> T get(
      String file, Class<T> kind, Loader<T, X> loader) throws X {
    Key key = new Key(file, kind);
    Weighed ready = values.getIfPresent(key);
    if (ready != null) {
      hits.increment();
      return kind.cast(ready);
    }
    CompletableFuture<Weighed> mine = new CompletableFuture<>();
    CompletableFuture<Weighed> others = loading.putIfAbsent(key, mine);
    if (others == null) {
      return load(key, kind, loader, mine);
    }
    Weighed loaded = await(others);
    if (loaded == null) {
      misses.increment();
      return loader.load();
    }
    hits.increment();
    return kind.cast(loaded);
  }

  /** Returns the value where it is there; nothing is loaded, and nothing counted. */
  public <T extends Weighed> @Nullable T peek(String file, Class<T> kind) {
    return kind.cast(values.getIfPresent(new Key(file, kind)));
  }

  /** Keeps a value that the caller has, in place of the one that is there. */
  public <T extends Weighed> void put(String file, Class<T> kind, T value) {
    Key key = new Key(file, kind);
    kinds.add(kind);
    loading.compute(
        key,
        (k, unfinished) -> {
          values.put(k, value);
          return null;
        });
  }

  /** Drops all values of a file; those that are being loaded will not be kept. */
  public void forget(String file) {
    for (Class<?> kind : kinds) {
      loading.compute(
          new Key(file, kind),
          (key, unfinished) -> {
            values.invalidate(key);
            return null;
          });
    }
  }

  /** Drops all values of the files that begin so, at the cost of looking at all. */
  public void forgetPrefix(String prefix) {
    Set<String> files = new HashSet<>();
    values.asMap().keySet().forEach(key -> files.add(key.file()));
    loading.keySet().forEach(key -> files.add(key.file()));
    files.stream().filter(file -> file.startsWith(prefix)).forEach(this::forget);
  }

  /** Drops everything. */
  public void clear() {
    loading.clear();
    values.invalidateAll();
  }

  /** How it did so far. */
  public CacheCounts counts() {
    values.cleanUp();
    long bytes =
        values.policy().eviction().map(Policy.Eviction::weightedSize).orElseThrow().orElse(0);
    return new CacheCounts(
        hits.sum(), misses.sum(), evictions.sum(), values.estimatedSize(), bytes);
  }

  private <T extends Weighed, X extends Exception> T load(
      Key key, Class<T> kind, Loader<T, X> loader, CompletableFuture<Weighed> mine) throws X {
    try {
      // Another may have finished between our look and our claim.
      Weighed ready = values.getIfPresent(key);
      if (ready != null) {
        hits.increment();
        mine.complete(ready);
        return kind.cast(ready);
      }
      misses.increment();
      kinds.add(kind);
      T value = loader.load();
      // Under the lock of the key, so that what was forgotten meanwhile stays forgotten.
      loading.computeIfPresent(
          key,
          (k, current) -> {
            if (current != mine) {
              return current;
            }
            values.put(k, value);
            return null;
          });
      mine.complete(value);
      return value;
    } catch (Throwable e) {
      mine.completeExceptionally(e);
      throw e;
    } finally {
      loading.remove(key, mine);
    }
  }

  /** Returns null where the other failed in a way that need not be ours. */
  private static @Nullable Weighed await(CompletableFuture<Weighed> others) {
    try {
      return others.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof NotFoundException missing) {
        throw new NotFoundException(missing, "%s", String.valueOf(missing.getMessage()));
      }
      return null;
    }
  }

  private void removed(@Nullable Key key, @Nullable Weighed value, RemovalCause cause) {
    if (cause.wasEvicted()) {
      evictions.increment();
    }
  }

  private static int weigh(Key key, Weighed value) {
    long bytes = ENTRY_BYTES + key.file().length() + value.weight();
    return (int) Math.min(Integer.MAX_VALUE, bytes);
  }

  private record Key(String file, Class<?> kind) {}
}
