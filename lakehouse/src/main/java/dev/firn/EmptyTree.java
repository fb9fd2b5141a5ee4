package dev.firn;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Removes what a purged table leaves on local disk: directories without a file in them. */
final class EmptyTree {
  private EmptyTree() {}

  /**
   * Removes the directory and all below it, or nothing where any file or link is there. Best
   * effort: what cannot be read or removed stays, silently. Parents stay.
   */
  static void remove(Path root) {
    try (Stream<Path> walk = Files.walk(root)) {
      List<Path> all = walk.sorted(Comparator.reverseOrder()).toList();
      if (all.stream().allMatch(path -> Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS))) {
        for (Path directory : all) {
          // Refuses a directory that another process has just put a file into.
          Files.delete(directory);
        }
      }
    } catch (IOException | UncheckedIOException e) {
      // The table is gone, which is what was asked for: empty directories are no reason to fail.
    }
  }
}
