package dev.firn.storage.hadoop;

import java.io.IOException;
import java.util.Set;
import org.apache.hadoop.fs.FileAlreadyExistsException;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.FilterFileSystem;
import org.apache.hadoop.fs.Options;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;

/** How a finished file gets its name. Thread-safe. Borrows the file system. */
final class HadoopPublication {
  /** Where a file shows only when it is closed, and a rename copies. */
  private static final Set<String> SHOWN_WHEN_CLOSED = Set.of("gs");

  private final FileSystem fileSystem;
  private final Renames renames;
  private final Object lock;

  /** Publications of one file in one process share a lock. */
  HadoopPublication(FileSystem fileSystem, Object lock) {
    this.fileSystem = fileSystem;
    this.renames = new Renames(fileSystem);
    this.lock = lock;
  }

  /** Whether a new file is written to its own name, and closing it publishes it. */
  static boolean byClosing(FileSystem fileSystem) {
    return SHOWN_WHEN_CLOSED.contains(fileSystem.getScheme());
  }

  /** Gives a temporary file the name of one that must not exist. */
  void create(Path temporary, Path target, long length) throws IOException {
    synchronized (lock) {
      try {
        renames.toNew(temporary, target);
      } catch (IOException e) {
        look(temporary, target, length, e);
      }
    }
  }

  /** Gives a temporary file the name of one that may exist. */
  void replace(Path temporary, Path target) throws IOException {
    synchronized (lock) {
      if (!(fileSystem instanceof RawLocalFileSystem)) {
        renames.over(temporary, target);
      } else if (!fileSystem.rename(temporary, target)) {
        // It replaces at once, which the other does in two steps.
        throw new IOException("rename from " + temporary + " to " + target + " failed");
      }
    }
  }

  /**
   * Tells a rename of which the answer was lost from one that failed: the temporary file is ours
   * alone, so that where it is gone, it has the name.
   */
  private void look(Path temporary, Path target, long length, IOException error)
      throws IOException {
    boolean moved;
    boolean taken;
    try {
      taken = fileSystem.exists(target);
      moved =
          taken
              && !fileSystem.exists(temporary)
              && fileSystem.getFileStatus(target).getLen() == length;
    } catch (IOException e) {
      error.addSuppressed(e);
      throw error;
    }
    if (taken && !moved) {
      FileAlreadyExistsException exists = new FileAlreadyExistsException(target.toString());
      exists.initCause(error);
      throw exists;
    }
    if (!moved) {
      throw error;
    }
  }

  /** Reaches the rename that refuses or replaces, which file systems show to their kin only. */
  private static final class Renames extends FilterFileSystem {
    Renames(FileSystem fileSystem) {
      super(fileSystem);
    }

    @SuppressWarnings("deprecation") // for those that do not make it atomic
    void toNew(Path from, Path to) throws IOException {
      rename(from, to, Options.Rename.NONE);
    }

    @SuppressWarnings("deprecation")
    void over(Path from, Path to) throws IOException {
      rename(from, to, Options.Rename.OVERWRITE);
    }
  }
}
