package dev.firn.change;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A local directory for temporary files, made when the first is needed. Confined to one thread. */
final class Scratch implements AutoCloseable {
  private @Nullable Path directory;

  /** Returns the path of a new file, of which there may be one of each name. */
  Path file(String name) {
    try {
      Path known = directory;
      if (known == null) {
        known = Files.createTempDirectory("firn-merge");
        directory = known;
      }
      return known.resolve(name);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Removes the directory and its files. Never throws. */
  @Override
  public void close() {
    Path known = directory;
    directory = null;
    if (known == null) {
      return;
    }
    try (var files = Files.newDirectoryStream(known)) {
      for (Path file : files) {
        Files.delete(file);
      }
      Files.delete(known);
    } catch (IOException e) {
      // The system clears its directory of temporary files.
    }
  }
}
