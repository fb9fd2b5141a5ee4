package dev.firn.storage.cache;

import dev.firn.error.FirnException;
import dev.firn.storage.ByteSize;
import dev.firn.storage.Locations;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a lakehouse's caches may take. Immutable.
 *
 * @param memoryBytes of whole small files and parsed footers, in memory
 * @param diskPath the directory for blocks of data files; null: none are kept
 * @param diskBytes of blocks in that directory, by all processes that share it
 * @param store what tells stores apart in which one location may be two files: the endpoint
 */
public record CacheSettings(
    long memoryBytes, @Nullable Path diskPath, long diskBytes, String store) {
  /** Sets {@link #memoryBytes}. */
  public static final String MEMORY_BYTES = "firn.cache.memory-bytes";

  /** Sets {@link #diskPath}. */
  public static final String DISK_PATH = "firn.cache.disk-path";

  /** Sets {@link #diskBytes}. */
  public static final String DISK_BYTES = "firn.cache.disk-bytes";

  private static final long DEFAULT_DISK = 10_000_000_000L;

  /** Fewer than a handful of blocks would be fetched and evicted in turn. */
  private static final long LEAST_DISK = 16L << 20;

  private static final String ENDPOINT = "s3.endpoint";

  /**
   * Holds the metadata of tables of some ten thousand files, and is little beside the batches of a
   * scan.
   */
  private static final int HEAP_FRACTION = 16;

  /** The manifests of one plan, each 8 MB at most, should fit even into a small heap. */
  private static final long LEAST_MEMORY = 16L << 20;

  /**
   * Reads the settings among a lakehouse's properties.
   *
   * @throws FirnException INVALID for a value that cannot be used
   */
  public static CacheSettings of(Map<String, String> properties) {
    String memory = properties.get(MEMORY_BYTES);
    String disk = properties.get(DISK_BYTES);
    String path = properties.get(DISK_PATH);
    if (disk != null && path == null) {
      throw FirnException.invalid(
          "Cannot use setting '%s': '%s' is not set, expected a local directory"
              .formatted(DISK_BYTES, DISK_PATH));
    }
    return new CacheSettings(
        memory == null ? defaultMemory() : bytes(MEMORY_BYTES, memory),
        path == null ? null : directory(path),
        disk == null ? DEFAULT_DISK : atLeast(LEAST_DISK, DISK_BYTES, disk),
        properties.getOrDefault(ENDPOINT, ""));
  }

  /** Memory only. */
  static CacheSettings ofMemory(long bytes) {
    return new CacheSettings(bytes, null, DEFAULT_DISK, "");
  }

  private static Path directory(String text) {
    if (text.isBlank() || !Locations.local(text)) {
      throw FirnException.invalid(
          "Cannot use setting '%s': expected a local directory, got '%s'"
              .formatted(DISK_PATH, text));
    }
    return Locations.localPath(text).toAbsolutePath();
  }

  private static long atLeast(long least, String key, String text) {
    long bytes = bytes(key, text);
    if (bytes < least) {
      throw FirnException.invalid(
          "Cannot use setting '%s': expected at least %d bytes, got '%s'"
              .formatted(key, least, text));
    }
    return bytes;
  }

  private static long bytes(String key, String text) {
    try {
      return ByteSize.parse(text);
    } catch (FirnException e) {
      throw FirnException.invalid("Cannot use setting '%s': %s".formatted(key, e.getMessage()));
    }
  }

  private static long defaultMemory() {
    return Math.max(LEAST_MEMORY, Runtime.getRuntime().maxMemory() / HEAP_FRACTION);
  }
}
