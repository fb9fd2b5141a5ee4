package dev.firn.storage.cache;

import dev.firn.storage.RangedInputFile;
import dev.firn.storage.Store;
import dev.firn.storage.StoreCounts;
import dev.firn.storage.StoreOutputFile;
import java.util.Map;
import org.apache.iceberg.io.FileInfo;

/** A counting store behind caches, as {@code SchemeFileIO} puts its stores. */
final class CachedStore implements Store {
  private static final long serialVersionUID = 1L;

  final transient CountingStore store = new CountingStore();
  final transient FileCaches caches;

  CachedStore(CacheSettings settings) {
    caches = FileCaches.open(settings);
  }

  /** What was asked of the store by {@code action}. */
  long requests(ThrowingRunnable action) throws Exception {
    StoreCounts before = counts();
    action.run();
    return counts().since(before).requests();
  }

  /** What may fail. */
  interface ThrowingRunnable {
    void run() throws Exception;
  }

  @Override
  public RangedInputFile newInputFile(String location) {
    return caches.input(store.newInputFile(location));
  }

  @Override
  public RangedInputFile newInputFile(String location, long length) {
    return caches.input(store.newInputFile(location, length), length);
  }

  @Override
  public StoreOutputFile newOutputFile(String location) {
    return caches.output(store.newOutputFile(location));
  }

  @Override
  public void deleteFile(String location) {
    store.deleteFile(location);
    caches.forget(location);
  }

  @Override
  public void deleteFiles(Iterable<String> locations) {
    locations.forEach(this::deleteFile);
  }

  @Override
  public Iterable<FileInfo> listPrefix(String prefix) {
    return store.listPrefix(prefix);
  }

  @Override
  public void deletePrefix(String prefix) {
    store.deletePrefix(prefix);
    caches.forgetPrefix(prefix);
  }

  @Override
  public Map<String, String> properties() {
    return Map.of();
  }

  @Override
  public StoreCounts counts() {
    return store.counts();
  }
}
