package dev.firn.compaction.verify;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashSet;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.function.Function;
import org.apache.iceberg.ContentFile;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.io.CloseableIterable;
import org.jspecify.annotations.Nullable;

/**
 * A task for each file that manifests name, each file once, made as it is asked for: one manifest
 * is open at a time. Confined to one thread at a time.
 */
final class FileTasks implements Iterator<Runnable>, AutoCloseable {
  private final Iterator<ManifestFile> manifests;
  private final Function<ManifestFile, CloseableIterable<? extends ContentFile<?>>> open;
  private final Function<ContentFile<?>, Runnable> task;
  private final Set<String> seen = new HashSet<>();
  private @Nullable CloseableIterable<? extends ContentFile<?>> manifest;
  private @Nullable Iterator<? extends ContentFile<?>> files;
  private @Nullable ContentFile<?> next;

  FileTasks(
      Iterator<ManifestFile> manifests,
      Function<ManifestFile, CloseableIterable<? extends ContentFile<?>>> open,
      Function<ContentFile<?>, Runnable> task) {
    this.manifests = manifests;
    this.open = open;
    this.task = task;
  }

  @Override
  public boolean hasNext() {
    while (next == null) {
      Iterator<? extends ContentFile<?>> from = files;
      if (from != null && from.hasNext()) {
        ContentFile<?> file = from.next();
        next = seen.add(Entry.key(file)) ? file : null;
      } else if (!closeManifest() && !manifests.hasNext()) {
        return false;
      } else if (manifests.hasNext()) {
        manifest = open.apply(manifests.next());
        files = manifest.iterator();
      }
    }
    return true;
  }

  @Override
  public Runnable next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    ContentFile<?> file = next;
    next = null;
    if (file == null) {
      throw new NoSuchElementException();
    }
    return task.apply(file);
  }

  @Override
  public void close() {
    closeManifest();
  }

  /** Returns whether one was open. */
  private boolean closeManifest() {
    CloseableIterable<?> last = manifest;
    manifest = null;
    files = null;
    if (last == null) {
      return false;
    }
    try {
      last.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return true;
  }
}
