package dev.firn.storage.scheme;

import dev.firn.storage.Locations;
import dev.firn.storage.RangedInputFile;
import dev.firn.storage.Store;
import dev.firn.storage.StoreCounts;
import dev.firn.storage.StoreOutputFile;
import dev.firn.storage.cache.CacheCounts;
import dev.firn.storage.cache.CacheSettings;
import dev.firn.storage.cache.FileCaches;
import dev.firn.storage.local.LocalFileIO;
import dev.firn.storage.memory.MemoryStore;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.iceberg.CatalogProperties;
import org.apache.iceberg.hadoop.Configurable;
import org.apache.iceberg.io.BulkDeletionFailureException;
import org.apache.iceberg.io.FileInfo;
import org.apache.iceberg.io.StorageCredential;
import org.apache.iceberg.io.SupportsStorageCredentials;
import org.jspecify.annotations.Nullable;

/**
 * Every store behind one {@code FileIO}, chosen by the scheme of each location: none or {@code
 * file:} local files, atomic and durable; {@code memory:} this process's memory; {@code s3:},
 * {@code s3a:}, {@code s3n:} S3; everything else Hadoop, configured by {@code core-site.xml} on the
 * class path and by properties that begin with {@code hadoop.}.
 *
 * <p>Works as a catalog's {@code io-impl}. Thread-safe; owns the stores it opened, each on first
 * use, until {@link #close()}. Serialisable: a copy opens its own stores.
 *
 * <p>Errors: a missing file is Iceberg's {@code NotFoundException}, an existing one {@code
 * AlreadyExistsException}; a scheme whose jars are missing is INVALID and names them; a full disk
 * is UNAVAILABLE.
 */
public final class SchemeFileIO implements Store, SupportsStorageCredentials, Configurable<Object> {
  private static final long serialVersionUID = 1L;
  private static final int DELETE_BATCH = 10_000;

  private final LocalFileIO local = new LocalFileIO();
  private final MemoryStore memory = new MemoryStore();
  private Map<String, String> properties = Map.of();
  private List<StorageCredential> credentials = new ArrayList<>();
  private transient @Nullable Map<RemoteStore, Store> opened;
  private transient @Nullable FileCaches caches;
  private transient boolean cachesAreShared;

  /** Makes one without properties; {@link #initialize} sets them. */
  public SchemeFileIO() {}

  @Override
  public void initialize(Map<String, String> newProperties) {
    CacheSettings settings = CacheSettings.of(newProperties);
    close();
    Map<String, String> all = new HashMap<>(newProperties);
    if (settings.memoryBytes() > 0) {
      // Iceberg asks us for this one: it would keep every manifest a second time.
      all.remove(CatalogProperties.IO_MANIFEST_CACHE_ENABLED);
    }
    properties = Map.copyOf(all);
  }

  /**
   * Reads through the caches of another, where that is what is given: the only thing that Iceberg's
   * REST catalog hands to the stores that it makes, one for each table. They are borrowed; anything
   * else is ignored.
   */
  @Override
  public synchronized void setConf(@Nullable Object shared) {
    if (shared instanceof FileCaches others) {
      caches = others;
      cachesAreShared = true;
    }
  }

  @Override
  public Map<String, String> properties() {
    return properties;
  }

  @Override
  public RangedInputFile newInputFile(String location) {
    return caches().input(store(location).newInputFile(location));
  }

  @Override
  public RangedInputFile newInputFile(String location, long length) {
    return caches().input(store(location).newInputFile(location, length), length);
  }

  @Override
  public StoreOutputFile newOutputFile(String location) {
    return caches().output(store(location).newOutputFile(location));
  }

  @Override
  public boolean putIfAbsent(String location, ByteBuffer bytes) {
    return store(location).putIfAbsent(location, bytes);
  }

  /** The store of a location, without the caches before it. Borrowed. */
  public Store storeOf(String location) {
    return store(location);
  }

  @Override
  public void deleteFile(String location) {
    try {
      store(location).deleteFile(location);
    } finally {
      caches().forget(location);
    }
  }

  /** Deletes what it can; missing files are no error. */
  @Override
  public void deleteFiles(Iterable<String> locations) throws BulkDeletionFailureException {
    int failed = 0;
    Iterator<String> rest = locations.iterator();
    while (rest.hasNext()) {
      failed += deleteBatch(rest);
    }
    if (failed > 0) {
      throw new BulkDeletionFailureException(failed);
    }
  }

  @Override
  public Iterable<FileInfo> listPrefix(String prefix) {
    return store(prefix).listPrefix(prefix);
  }

  @Override
  public void deletePrefix(String prefix) {
    try {
      store(prefix).deletePrefix(prefix);
    } finally {
      caches().forgetPrefix(prefix);
    }
  }

  /** What was asked of all stores together. */
  @Override
  public StoreCounts counts() {
    StoreCounts all = local.counts().plus(memory.counts());
    for (Store store : stores().values()) {
      all = all.plus(store.counts());
    }
    return all;
  }

  @Override
  public synchronized void setCredentials(List<StorageCredential> newCredentials) {
    credentials = new ArrayList<>(newCredentials);
    stores().values().forEach(this::passCredentials);
  }

  @Override
  public synchronized List<StorageCredential> credentials() {
    return List.copyOf(credentials);
  }

  /** How the cache in memory did since the stores were opened. */
  public CacheCounts cacheCounts() {
    return caches().memory().counts();
  }

  /**
   * Closes the stores that were opened, and drops caches of its own. Later calls open them again.
   */
  @Override
  public synchronized void close() {
    if (caches != null && !cachesAreShared) {
      caches.close();
      caches = null;
    }
    Map<RemoteStore, Store> open = stores();
    opened = null;
    open.values().forEach(Store::close);
  }

  private synchronized FileCaches caches() {
    if (caches == null) {
      caches = FileCaches.open(CacheSettings.of(properties));
    }
    return caches;
  }

  private Store store(String location) {
    String scheme = Locations.scheme(location);
    if (scheme == null || scheme.equals("file")) {
      return local;
    }
    if (scheme.equals(MemoryStore.SCHEME)) {
      return memory;
    }
    RemoteStore kind = RemoteStore.of(scheme);
    Store ready = stores().get(kind);
    return ready == null ? open(kind, location) : ready;
  }

  private synchronized Store open(RemoteStore kind, String location) {
    return stores()
        .computeIfAbsent(
            kind,
            k -> {
              Store store = k.open(location, properties);
              passCredentials(store);
              return store;
            });
  }

  private void passCredentials(Store store) {
    if (store instanceof SupportsStorageCredentials taking && !credentials.isEmpty()) {
      taking.setCredentials(credentials);
    }
  }

  private synchronized Map<RemoteStore, Store> stores() {
    if (opened == null) {
      opened = new ConcurrentHashMap<>();
    }
    return opened;
  }

  private int deleteBatch(Iterator<String> rest) {
    IdentityHashMap<Store, List<String>> byStore = new IdentityHashMap<>();
    for (int i = 0; i < DELETE_BATCH && rest.hasNext(); i++) {
      String location = rest.next();
      byStore.computeIfAbsent(store(location), s -> new ArrayList<>()).add(location);
    }
    int failed = 0;
    for (Map.Entry<Store, List<String>> entry : byStore.entrySet()) {
      try {
        entry.getKey().deleteFiles(entry.getValue());
      } catch (BulkDeletionFailureException e) {
        failed += e.numberFailedObjects();
      } finally {
        entry.getValue().forEach(caches()::forget);
      }
    }
    return failed;
  }
}
