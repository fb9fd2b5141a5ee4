package dev.firn.storage.cache;

import dev.firn.storage.RangedInputFile;
import dev.firn.storage.StoreOutputFile;
import dev.firn.storage.StoreOutputStream;

/** A file to write, of which the caches learn what they may keep. Immutable. */
record CachedOutputFile(StoreOutputFile file, FileCaches caches) implements StoreOutputFile {
  @Override
  public StoreOutputStream create() {
    return new CachedOutputStream(file.location(), file.create(), caches);
  }

  @Override
  public StoreOutputStream createOrOverwrite() {
    caches.replacing(file.location());
    return new CachedOutputStream(file.location(), file.createOrOverwrite(), caches);
  }

  @Override
  public RangedInputFile toInputFile() {
    return caches.input(file.toInputFile());
  }

  @Override
  public String location() {
    return file.location();
  }

  @Override
  public String toString() {
    return file.location();
  }
}
