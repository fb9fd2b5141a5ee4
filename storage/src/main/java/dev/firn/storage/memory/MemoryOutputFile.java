package dev.firn.storage.memory;

import dev.firn.storage.RangedInputFile;
import dev.firn.storage.StoreOutputFile;
import dev.firn.storage.StoreOutputStream;

/** A file in memory to write. Immutable. */
record MemoryOutputFile(MemoryStore store, String location) implements StoreOutputFile {
  @Override
  public StoreOutputStream create() {
    if (store.find(location) != null) {
      throw MemoryStore.exists(location);
    }
    return new MemoryOutputStream(location, file -> store.publishNew(location, file));
  }

  @Override
  public StoreOutputStream createOrOverwrite() {
    return new MemoryOutputStream(location, file -> store.publish(location, file));
  }

  @Override
  public RangedInputFile toInputFile() {
    return store.newInputFile(location);
  }

  @Override
  public String toString() {
    return location;
  }
}
