package dev.firn.storage.cache;

import dev.firn.storage.Locations;
import dev.firn.storage.RangeReader;
import dev.firn.storage.RangedInputFile;
import java.time.Clock;
import org.apache.iceberg.io.SeekableInputStream;
import org.jspecify.annotations.Nullable;

/**
 * A store's file, of which readers may keep what they parsed. Immutable.
 *
 * @param blocks what is kept of it on disk; null where nothing is
 */
record CachedInputFile(
    RangedInputFile file, MemoryCache cache, @Nullable Blocks blocks, Clock clock)
    implements RangedInputFile, CachedFile {
  @Override
  public @Nullable String cacheKey() {
    String location = file.location();
    return Locations.local(location) ? LocalVersion.of(location, clock) : location;
  }

  /** Blocks of a file on the local disk. */
  record Blocks(BlockFile file, BlockCache cache) {}

  @Override
  public RangeReader openRanges() {
    return blocks == null
        ? file.openRanges()
        : new BlockRangeReader(file, blocks.file(), blocks.cache());
  }

  @Override
  public long getLength() {
    return file.getLength();
  }

  @Override
  public SeekableInputStream newStream() {
    return file.newStream();
  }

  @Override
  public String location() {
    return file.location();
  }

  @Override
  public boolean exists() {
    return file.exists();
  }

  @Override
  public String toString() {
    return file.location();
  }
}
