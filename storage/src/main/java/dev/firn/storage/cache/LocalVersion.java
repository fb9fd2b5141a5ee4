package dev.firn.storage.cache;

import dev.firn.storage.Locations;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What tells a local file from another that takes its place: on a disk of their own people do
 * restore files and write them again. Stateless.
 */
final class LocalVersion {
  /** The coarsest clock of a file system: two changes within it may look like one. */
  private static final Duration GRAIN = Duration.ofSeconds(2);

  private LocalVersion() {}

  /** Returns null where the file is missing or changed just now. */
  static @Nullable String of(String location, Clock clock) {
    try {
      BasicFileAttributes now =
          Files.readAttributes(Locations.localPath(location), BasicFileAttributes.class);
      Instant modified = now.lastModifiedTime().toInstant();
      if (modified.plus(GRAIN).isAfter(clock.instant())) {
        return null;
      }
      return location + "#" + now.size() + "#" + modified + "#" + now.fileKey();
    } catch (IOException e) {
      return null;
    }
  }
}
