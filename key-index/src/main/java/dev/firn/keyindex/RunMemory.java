package dev.firn.keyindex;

import dev.firn.error.FirnException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * Where runs are: a bounded part of the heap, and beyond it local files in a directory made when
 * the first is needed. Thread-safe. Closing removes the directory; runs are closed before.
 */
final class RunMemory implements AutoCloseable {
  private final long most;
  private final @Nullable Path parent;
  private long held;
  private @Nullable Path directory;
  private int files;

  RunMemory(long most, @Nullable Path parent) {
    this.most = most;
    this.parent = parent;
  }

  /** Returns the most that runs take of the heap. */
  long most() {
    return most;
  }

  /** Returns what runs take of the heap. */
  synchronized long held() {
    return held;
  }

  /** Takes so much of the heap, or false: it does not fit. */
  synchronized boolean reserve(long bytes) {
    if (held + bytes > most) {
      return false;
    }
    held += bytes;
    return true;
  }

  synchronized void release(long bytes) {
    held -= bytes;
  }

  /** Creates a file for a run, which closes it. */
  synchronized RunFile create() {
    try {
      Path home = directory;
      if (home == null) {
        home =
            parent == null
                ? Files.createTempDirectory("firn-key-index-")
                : Files.createTempDirectory(Files.createDirectories(parent), "firn-key-index-");
        directory = home;
      }
      Path path = home.resolve("run-" + files++);
      return new RunFile(
          path,
          FileChannel.open(
              path,
              StandardOpenOption.CREATE_NEW,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE));
    } catch (IOException e) {
      throw failed(e);
    }
  }

  static FirnException failed(IOException e) {
    return FirnException.unavailable(
        "Cannot hold the key index on local disk: "
            + e
            + "; make room, or allow more memory or another directory",
        e);
  }

  @Override
  public synchronized void close() {
    Path home = directory;
    directory = null;
    if (home != null) {
      try {
        Files.deleteIfExists(home);
      } catch (IOException e) {
        throw failed(e);
      }
    }
  }
}
