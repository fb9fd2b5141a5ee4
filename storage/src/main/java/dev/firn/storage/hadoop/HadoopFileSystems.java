package dev.firn.storage.hadoop;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import java.io.IOException;
import java.net.URI;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A store's file systems, one for each scheme and authority. Thread-safe. Owns them. */
final class HadoopFileSystems {
  private static final Logger LOG = LoggerFactory.getLogger(HadoopFileSystems.class);
  private static final String PREFIX = "hadoop.";

  private static final int LOCKS = 64;

  private final Map<String, String> properties;
  private final Object[] locks = new Object[LOCKS];
  private final Map<String, FileSystem> open = new HashMap<>();
  private @Nullable Configuration configuration;

  HadoopFileSystems(Map<String, String> properties) {
    this.properties = properties;
    Arrays.setAll(locks, i -> new Object());
  }

  /** Returns how files at {@code target} get their name: one after the other in this store. */
  HadoopPublication publication(FileSystem fileSystem, Path target) {
    return new HadoopPublication(fileSystem, locks[Math.floorMod(target.hashCode(), LOCKS)]);
  }

  /** Returns the file system of a path, which is of {@code location}. */
  synchronized FileSystem of(String location, Path path) {
    URI uri = path.toUri();
    String key = uri.getScheme() + "://" + uri.getAuthority();
    FileSystem ready = open.get(key);
    if (ready != null) {
      return ready;
    }
    try {
      FileSystem opened = FileSystem.newInstance(uri, configuration());
      open.put(key, opened);
      return opened;
    } catch (IOException e) {
      throw HadoopFailure.translate("open", location, e);
    } catch (IllegalArgumentException e) {
      // Unknown hosts and missing settings come so.
      throw new FirnException(
          ErrorKind.INVALID,
          "Cannot open storage: %s [%s]; set Hadoop's properties with the prefix hadoop."
              .formatted(e.getMessage(), location),
          e);
    }
  }

  synchronized void close() {
    for (FileSystem each : open.values()) {
      try {
        each.close();
      } catch (IOException e) {
        LOG.warn("Cannot close file system {}", each.getUri(), e);
      }
    }
    open.clear();
  }

  private Configuration configuration() {
    Configuration ready = configuration;
    if (ready == null) {
      ready = new Configuration();
      for (Map.Entry<String, String> each : properties.entrySet()) {
        if (each.getKey().startsWith(PREFIX)) {
          ready.set(each.getKey().substring(PREFIX.length()), each.getValue());
        }
      }
      configuration = ready;
    }
    return ready;
  }
}
