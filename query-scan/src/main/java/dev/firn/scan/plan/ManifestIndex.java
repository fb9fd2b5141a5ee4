package dev.firn.scan.plan;

import dev.firn.error.FirnException;
import dev.firn.storage.ByteSize;
import dev.firn.storage.cache.MemoryCache;
import dev.firn.storage.cache.Weighed;
import java.util.Map;
import org.apache.iceberg.ManifestFile;

/**
 * Manifests that were read, in columns, by their immutable path, within a bound of bytes; the least
 * recently used leave first. To be shared by all readers of one lakehouse. Thread-safe; uses no
 * threads of its own. A manifest that is not there is read by whoever asks first, and the others
 * wait for it.
 */
public final class ManifestIndex {
  /** Sets how many bytes it may take. */
  public static final String BYTES = "firn.plan.index-bytes";

  /** A million files with statistics take a sixth of a gigabyte, and most tables a thousandth. */
  private static final int HEAP_FRACTION = 8;

  private final MemoryCache cache;

  private ManifestIndex(MemoryCache cache) {
    this.cache = cache;
  }

  /** One that keeps at most so many bytes; with 0 it keeps nothing, and every plan reads anew. */
  public static ManifestIndex ofBytes(long maxBytes) {
    return new ManifestIndex(MemoryCache.ofBytes(maxBytes));
  }

  /**
   * One as large as a lakehouse's properties say.
   *
   * @throws FirnException INVALID for a value that is no size
   */
  public static ManifestIndex of(Map<String, String> properties) {
    return ofBytes(bytes(properties));
  }

  /**
   * How many bytes a lakehouse's properties allow: an eighth of the heap unless they say.
   *
   * @throws FirnException INVALID for a value that is no size
   */
  public static long bytes(Map<String, String> properties) {
    String text = properties.get(BYTES);
    if (text == null) {
      return Runtime.getRuntime().maxMemory() / HEAP_FRACTION;
    }
    try {
      return ByteSize.parse(text);
    } catch (FirnException e) {
      throw FirnException.invalid("Cannot use setting '%s': %s".formatted(BYTES, e.getMessage()));
    }
  }

  /** How many bytes it keeps now, everything that belongs to its entries counted. */
  public long weight() {
    return cache.counts().bytes();
  }

  Manifest manifest(ManifestFile manifest, MemoryCache.Loader<Manifest, RuntimeException> loader) {
    return cache.get(key(manifest), Manifest.class, loader);
  }

  <T extends Weighed> T get(
      String key, Class<T> kind, MemoryCache.Loader<T, RuntimeException> loader) {
    return cache.get(key, kind, loader);
  }

  /**
   * What entries inherit is of the manifest list: a first row id may be assigned later to a
   * manifest that was written without.
   */
  static String key(ManifestFile manifest) {
    return manifest.path()
        + '#'
        + manifest.snapshotId()
        + '#'
        + manifest.sequenceNumber()
        + '#'
        + manifest.firstRowId();
  }
}
