package dev.firn.storage.memory;

import dev.firn.error.FirnException;
import dev.firn.storage.Locations;
import dev.firn.storage.RangedInputFile;
import dev.firn.storage.Store;
import dev.firn.storage.StoreCounts;
import dev.firn.storage.StoreMeter;
import dev.firn.storage.StoreOutputFile;
import java.util.Map;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import org.apache.iceberg.exceptions.AlreadyExistsException;
import org.apache.iceberg.exceptions.NotFoundException;
import org.apache.iceberg.io.FileInfo;
import org.jspecify.annotations.Nullable;

/**
 * Files in the memory of this process, {@code memory://name/path}: for tests and trials. All stores
 * of a process see the same files, also after {@link #close()}; they stay until they are deleted,
 * or their name is with {@link #drop}, and are lost with the process. They are bounded by the heap
 * only; a file by 2 GiB. Thread-safe.
 */
public final class MemoryStore implements Store {
  /** What its locations begin with. */
  public static final String SCHEME = "memory";

  private static final long serialVersionUID = 1L;

  /** By location. It stands for the disk that processes share, so there is one. */
  private static final ConcurrentNavigableMap<String, MemoryFile> FILES =
      new ConcurrentSkipListMap<>();

  private final transient StoreMeter meter = new StoreMeter();

  /** Makes one; it needs no properties. */
  public MemoryStore() {}

  /** Deletes all files of {@code memory://name/}. */
  public static void drop(String name) {
    below(SCHEME + "://" + name).clear();
  }

  @Override
  public RangedInputFile newInputFile(String location) {
    return new MemoryInputFile(this, check(location), null);
  }

  @Override
  public RangedInputFile newInputFile(String location, long length) {
    return new MemoryInputFile(this, check(location), length);
  }

  @Override
  public StoreOutputFile newOutputFile(String location) {
    return new MemoryOutputFile(this, check(location));
  }

  @Override
  public void deleteFile(String location) {
    meter.add(StoreMeter.Event.DELETE);
    FILES.remove(check(location));
  }

  @Override
  public void deleteFiles(Iterable<String> locations) {
    locations.forEach(this::deleteFile);
  }

  @Override
  public Iterable<FileInfo> listPrefix(String prefix) {
    meter.add(StoreMeter.Event.LIST);
    return below(check(prefix)).entrySet().stream()
        .map(
            entry ->
                new FileInfo(
                    entry.getKey(), entry.getValue().length(), entry.getValue().createdAtMillis()))
        .toList();
  }

  @Override
  public void deletePrefix(String prefix) {
    meter.add(StoreMeter.Event.DELETE);
    below(check(prefix)).clear();
  }

  @Override
  public StoreCounts counts() {
    return meter.counts();
  }

  @Override
  public Map<String, String> properties() {
    return Map.of();
  }

  StoreMeter meter() {
    return meter;
  }

  @Nullable MemoryFile find(String location) {
    return FILES.get(location);
  }

  MemoryFile require(String location) {
    MemoryFile file = find(location);
    if (file == null) {
      throw new NotFoundException("Cannot read file: it does not exist [%s]", location);
    }
    return file;
  }

  void publish(String location, MemoryFile file) {
    meter.add(StoreMeter.Event.WRITE);
    meter.add(StoreMeter.Event.BYTES_WRITTEN, file.length());
    FILES.put(location, file);
  }

  void publishNew(String location, MemoryFile file) {
    meter.add(StoreMeter.Event.WRITE);
    if (FILES.putIfAbsent(location, file) != null) {
      throw exists(location);
    }
    meter.add(StoreMeter.Event.BYTES_WRITTEN, file.length());
  }

  static AlreadyExistsException exists(String location) {
    return new AlreadyExistsException("Cannot create file: it exists [%s]", location);
  }

  private static ConcurrentNavigableMap<String, MemoryFile> below(String prefix) {
    String directory = Locations.stripTrailingSlashes(prefix) + "/";
    return FILES.subMap(
        directory, directory.substring(0, directory.length() - 1) + (char) ('/' + 1));
  }

  private static String check(String location) {
    if (!location.startsWith(SCHEME + "://") || location.length() == SCHEME.length() + 3) {
      throw FirnException.invalid(
          "Cannot use location: expected memory://name/path, got " + location);
    }
    return location;
  }

  private Object readResolve() {
    return new MemoryStore();
  }
}
