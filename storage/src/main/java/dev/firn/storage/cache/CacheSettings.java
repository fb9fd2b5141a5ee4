package dev.firn.storage.cache;

import dev.firn.error.FirnException;
import dev.firn.storage.ByteSize;
import java.util.Map;

/**
 * What a lakehouse's caches may take. Immutable.
 *
 * @param memoryBytes of whole small files and parsed footers, in memory
 */
public record CacheSettings(long memoryBytes) {
  /** Sets {@link #memoryBytes}. */
  public static final String MEMORY_BYTES = "firn.cache.memory-bytes";

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
    return new CacheSettings(memory == null ? defaultMemory() : bytes(MEMORY_BYTES, memory));
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
