package dev.firn.storage.local;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/** Directories that are still there after a power cut. Stateless. */
final class DurableDirectories {
  private DurableDirectories() {}

  /** Creates a directory and its missing ancestors, each forced to disk through its parent. */
  static void create(Path directory) throws IOException {
    Deque<Path> missing = new ArrayDeque<>();
    Path ancestor = directory;
    while (ancestor != null && !Files.isDirectory(ancestor)) {
      missing.push(ancestor);
      ancestor = ancestor.getParent();
    }
    for (Path next : missing) {
      try {
        Files.createDirectory(next);
      } catch (FileAlreadyExistsException e) {
        if (!Files.isDirectory(next)) {
          throw e;
        }
      }
      force(next.getParent());
    }
  }

  /** Forces a directory's entries to disk, where the platform can. */
  static void force(@Nullable Path directory) throws IOException {
    // Windows opens no directories; there, renames are journalled.
    if (directory == null || !directory.getFileSystem().getSeparator().equals("/")) {
      return;
    }
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }
}
