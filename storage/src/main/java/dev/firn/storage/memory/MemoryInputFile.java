package dev.firn.storage.memory;

import dev.firn.storage.RangeReader;
import dev.firn.storage.RangedInputFile;
import dev.firn.storage.StoreMeter;
import org.apache.iceberg.io.SeekableInputStream;
import org.jspecify.annotations.Nullable;

/** A file in memory to read. Immutable. */
record MemoryInputFile(MemoryStore store, String location, @Nullable Long length)
    implements RangedInputFile {
  @Override
  public long getLength() {
    if (length != null) {
      return length;
    }
    store.meter().add(StoreMeter.Event.HEAD);
    return store.require(location).length();
  }

  @Override
  public boolean exists() {
    store.meter().add(StoreMeter.Event.HEAD);
    return store.find(location) != null;
  }

  @Override
  public SeekableInputStream newStream() {
    return new MemoryInputStream(open());
  }

  @Override
  public RangeReader openRanges() {
    return open();
  }

  private MemoryRangeReader open() {
    store.meter().add(StoreMeter.Event.READ);
    return new MemoryRangeReader(location, store.require(location), store.meter());
  }

  @Override
  public String toString() {
    return location;
  }
}
