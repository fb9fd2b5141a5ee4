package dev.firn.storage.cache;

import dev.firn.storage.Locations;
import dev.firn.storage.RangeReader;
import dev.firn.storage.RangedInputFile;
import java.time.Clock;
import org.apache.iceberg.io.SeekableInputStream;
import org.jspecify.annotations.Nullable;

/** A store's file, of which readers may keep what they parsed. Immutable. */
record CachedInputFile(RangedInputFile file, MemoryCache cache, Clock clock)
    implements RangedInputFile, CachedFile {
  @Override
  public @Nullable String cacheKey() {
    String location = file.location();
    return Locations.local(location) ? LocalVersion.of(location, clock) : location;
  }

  @Override
  public RangeReader openRanges() {
    return file.openRanges();
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
