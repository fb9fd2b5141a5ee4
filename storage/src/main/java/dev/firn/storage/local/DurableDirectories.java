package dev.firn.storage.local;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Directories that are still there after a power cut. Thread-safe.
 *
 * <p>A directory that is found may be so new that its maker, another thread, process or person, has
 * not forced it to disk: so the first use of each forces it and its ancestors, through their
 * parents, and later uses remember that.
 */
public final class DurableDirectories {
  private static final int REMEMBERED = 10_000;

  private final Set<Path> durable = ConcurrentHashMap.newKeySet();

  /** Makes one that knows no directory. */
  public DurableDirectories() {}

  /** Creates a directory and its missing ancestors, and forces what may not have reached disk. */
  public void create(Path directory) throws IOException {
    Deque<Path> uncertain = new ArrayDeque<>();
    Path ancestor = directory.toAbsolutePath();
    while (ancestor != null && !(durable.contains(ancestor) && Files.isDirectory(ancestor))) {
      uncertain.push(ancestor);
      ancestor = ancestor.getParent();
    }
    for (Path next : uncertain) {
      if (make(next)) {
        force(next.getParent());
      } else {
        forceReadable(next.getParent());
      }
      remember(next);
    }
  }

  /** Forgets a directory that is deleted. */
  void forget(Path directory) {
    durable.remove(directory.toAbsolutePath());
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

  /** Others' directories above ours may be closed to us; they are old. */
  private static void forceReadable(@Nullable Path directory) throws IOException {
    try {
      force(directory);
    } catch (AccessDeniedException e) {
      // Nothing that this user made is in there.
    }
  }

  private static boolean make(Path directory) throws IOException {
    if (Files.isDirectory(directory)) {
      return false;
    }
    try {
      Files.createDirectory(directory);
      return true;
    } catch (FileAlreadyExistsException e) {
      if (!Files.isDirectory(directory)) {
        throw e;
      }
      return false;
    }
  }

  private void remember(Path directory) {
    if (durable.size() >= REMEMBERED) {
      durable.clear();
    }
    durable.add(directory);
  }
}
