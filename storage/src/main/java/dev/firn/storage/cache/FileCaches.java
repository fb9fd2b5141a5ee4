package dev.firn.storage.cache;

import dev.firn.storage.RangedInputFile;
import java.time.Clock;

/**
 * The caches of one lakehouse, wrapped around the files of its stores. Thread-safe. Owns what it
 * keeps until {@link #close()}.
 */
public final class FileCaches implements AutoCloseable {
  private final MemoryCache memory;
  private final Clock clock = Clock.systemUTC();

  private FileCaches(MemoryCache memory) {
    this.memory = memory;
  }

  /** Opens caches as the settings say. */
  public static FileCaches open(CacheSettings settings) {
    return new FileCaches(MemoryCache.ofBytes(settings.memoryBytes()));
  }

  /** What is kept in memory. */
  public MemoryCache memory() {
    return memory;
  }

  /** Returns the store's file, read through the caches. */
  public RangedInputFile input(RangedInputFile file) {
    return new CachedInputFile(file, memory, clock);
  }

  /** Drops what is kept of a file that is about to be deleted or replaced. */
  public void forget(String location) {
    memory.forget(location);
  }

  /** Drops what is in memory. */
  @Override
  public void close() {
    memory.clear();
  }
}
