package dev.firn.storage;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.iceberg.io.BulkDeletionFailureException;
import org.apache.iceberg.io.DelegateFileIO;
import org.apache.iceberg.io.FileInfo;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.OutputFile;
import org.apache.iceberg.io.StorageCredential;
import org.apache.iceberg.io.SupportsStorageCredentials;
import org.jspecify.annotations.Nullable;

/**
 * Every store behind one {@code FileIO}, chosen by the scheme of each location: none or {@code
 * file:} local files, atomic and durable; {@code s3:}, {@code s3a:}, {@code s3n:} Iceberg's {@code
 * S3FileIO}; everything else Hadoop, configured by {@code core-site.xml} on the class path and by
 * properties that begin with {@code hadoop.}.
 *
 * <p>Works as a catalog's {@code io-impl}. Thread-safe; owns the stores it opened, each on first
 * use, until {@link #close()}. Serialisable: a copy opens its own stores.
 *
 * <p>Errors: a missing file is Iceberg's {@code NotFoundException}, an existing one {@code
 * AlreadyExistsException}; a scheme whose jars are missing is INVALID and names them; a full disk
 * is UNAVAILABLE.
 */
public final class SchemeFileIO implements DelegateFileIO, SupportsStorageCredentials {
  private static final long serialVersionUID = 1L;
  private static final int DELETE_BATCH = 10_000;

  private final LocalFileIO local = new LocalFileIO();
  private Map<String, String> properties = Map.of();
  private List<StorageCredential> credentials = new ArrayList<>();
  private transient @Nullable Map<RemoteStore, DelegateFileIO> opened;

  /** Makes one without properties; {@link #initialize} sets them. */
  public SchemeFileIO() {}

  @Override
  public void initialize(Map<String, String> newProperties) {
    close();
    properties = Map.copyOf(newProperties);
  }

  @Override
  public Map<String, String> properties() {
    return properties;
  }

  @Override
  public InputFile newInputFile(String location) {
    return input(location, store(location).newInputFile(location));
  }

  @Override
  public InputFile newInputFile(String location, long length) {
    return input(location, store(location).newInputFile(location, length));
  }

  @Override
  public OutputFile newOutputFile(String location) {
    return store(location).newOutputFile(location);
  }

  @Override
  public void deleteFile(String location) {
    store(location).deleteFile(location);
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
    store(prefix).deletePrefix(prefix);
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

  /** Closes the stores that were opened. Later calls open them again. */
  @Override
  public synchronized void close() {
    Map<RemoteStore, DelegateFileIO> open = stores();
    opened = null;
    open.values().forEach(DelegateFileIO::close);
  }

  private static InputFile input(String location, InputFile file) {
    String scheme = Locations.scheme(location);
    return scheme != null && !scheme.equals("file") && RemoteStore.of(scheme) == RemoteStore.S3
        ? new EndSafeInputFile(file)
        : file;
  }

  private DelegateFileIO store(String location) {
    String scheme = Locations.scheme(location);
    if (scheme == null || scheme.equals("file")) {
      return local;
    }
    RemoteStore kind = RemoteStore.of(scheme);
    DelegateFileIO ready = stores().get(kind);
    return ready == null ? open(kind, location) : ready;
  }

  private synchronized DelegateFileIO open(RemoteStore kind, String location) {
    return stores()
        .computeIfAbsent(
            kind,
            k -> {
              DelegateFileIO store = k.open(location, properties);
              passCredentials(store);
              return store;
            });
  }

  private void passCredentials(DelegateFileIO store) {
    if (store instanceof SupportsStorageCredentials taking && !credentials.isEmpty()) {
      taking.setCredentials(credentials);
    }
  }

  private synchronized Map<RemoteStore, DelegateFileIO> stores() {
    if (opened == null) {
      opened = new ConcurrentHashMap<>();
    }
    return opened;
  }

  private int deleteBatch(Iterator<String> rest) {
    IdentityHashMap<DelegateFileIO, List<String>> byStore = new IdentityHashMap<>();
    for (int i = 0; i < DELETE_BATCH && rest.hasNext(); i++) {
      String location = rest.next();
      byStore.computeIfAbsent(store(location), s -> new ArrayList<>()).add(location);
    }
    int failed = 0;
    for (Map.Entry<DelegateFileIO, List<String>> entry : byStore.entrySet()) {
      try {
        entry.getKey().deleteFiles(entry.getValue());
      } catch (BulkDeletionFailureException e) {
        failed += e.numberFailedObjects();
      }
    }
    return failed;
  }
}
