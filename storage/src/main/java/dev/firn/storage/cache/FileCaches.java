package dev.firn.storage.cache;

import dev.firn.storage.Locations;
import dev.firn.storage.RangedInputFile;
import dev.firn.storage.StoreOutputFile;
import java.time.Clock;
import org.jspecify.annotations.Nullable;

/**
 * The caches of one lakehouse, wrapped around the files of its stores. Thread-safe. Owns what it
 * keeps until {@link #close()}.
 *
 * <p>How it works: of files of remote stores, small ones of the kinds that tables are described by
 * are read whole and kept, those that we write ourselves from when they are closed. Files on the
 * local disk are left to the operating system's own cache. Of both, readers keep what they parsed.
 * Of other files of remote stores whose length is known, blocks may be kept on the local disk.
 */
public final class FileCaches implements AutoCloseable {
  private final MemoryCache memory;
  private final @Nullable BlockCache blocks;
  private final String store;
  private final Clock clock = Clock.systemUTC();

  private FileCaches(CacheSettings settings) {
    this.memory = MemoryCache.ofBytes(settings.memoryBytes());
    this.store = settings.store();
    this.blocks =
        settings.diskPath() == null
            ? null
            : new BlockCache(settings.diskPath(), settings.diskBytes(), clock);
  }

  /** Opens caches as the settings say. */
  public static FileCaches open(CacheSettings settings) {
    return new FileCaches(settings);
  }

  /** What is kept in memory. */
  public MemoryCache memory() {
    return memory;
  }

  /** Returns the store's file, read through the caches. */
  public RangedInputFile input(RangedInputFile file) {
    return input(file, -1, mostKept(file.location()));
  }

  /** Returns the store's file of a known length, read through the caches. */
  public RangedInputFile input(RangedInputFile file, long length) {
    long most = mostKept(file.location());
    return input(file, length, length <= most ? most : -1);
  }

  /** Returns the store's file, of which the caches see what is written. */
  public StoreOutputFile output(StoreOutputFile file) {
    return Locations.local(file.location()) ? file : new CachedOutputFile(file, this);
  }

  /** How the blocks on disk did. */
  public BlockCounts blockCounts() {
    return blocks == null ? BlockCounts.NONE : blocks.counts();
  }

  /**
   * Drops what is kept in memory of a file that is deleted or replaced. Blocks on disk stay until
   * they are evicted: nobody asks for a deleted file again.
   */
  public void forget(String location) {
    memory.forget(location);
  }

  /** Drops what is kept of all files whose locations begin so. */
  public void forgetPrefix(String prefix) {
    memory.forgetPrefix(prefix);
  }

  /** Drops everything that is kept of a file that is about to be replaced. */
  void replacing(String location) {
    forget(location);
    if (blocks != null) {
      blocks.forget(BlockFile.hash(store, location));
    }
  }

  /** Drops what is in memory. What is on disk stays, for others and for later. */
  @Override
  public void close() {
    memory.clear();
  }

  /** A file was published. */
  void written(String location, byte @Nullable [] bytes) {
    // What readers parsed, and blocks, may be of a file that was there before.
    forget(location);
    if (bytes != null) {
      memory.put(location, WholeFile.class, new WholeFile(bytes));
    }
  }

  /** The longest file of such a name that is kept whole; negative where none is. */
  long mostKept(String location) {
    return Locations.local(location) ? -1 : SmallFile.of(location).most(memory.maxBytes());
  }

  private RangedInputFile input(RangedInputFile file, long length, long most) {
    return most < 0
        ? new CachedInputFile(file, memory, blocks(file.location(), length), clock)
        : new WholeInputFile(file, memory, length, most);
  }

  private CachedInputFile.@Nullable Blocks blocks(String location, long length) {
    return blocks == null || length < 0 || Locations.local(location)
        ? null
        : new CachedInputFile.Blocks(BlockFile.of(store, location, length), blocks);
  }
}
