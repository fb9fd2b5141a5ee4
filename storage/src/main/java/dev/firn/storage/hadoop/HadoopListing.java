package dev.firn.storage.hadoop;

import dev.firn.storage.Locations;
import dev.firn.storage.StoreMeter;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.iceberg.io.FileInfo;
import org.jspecify.annotations.Nullable;

/**
 * A cursor over the files below a directory, one directory after the other, each by the pages of
 * its file system. Confined to one thread.
 */
final class HadoopListing implements Iterator<FileInfo> {
  private final FileSystem fileSystem;
  private final String prefix;
  private final String base;
  private final String root;
  private final StoreMeter meter;
  private final Deque<Path> directories = new ArrayDeque<>();
  private @Nullable RemoteIterator<FileStatus> page;
  private @Nullable FileInfo next;

  HadoopListing(HadoopPlace place, String prefix, StoreMeter meter) {
    this.fileSystem = place.fileSystem();
    this.prefix = prefix;
    this.base = Locations.stripTrailingSlashes(prefix);
    this.root = place.path().toUri().getPath();
    this.meter = meter;
    directories.push(place.path());
  }

  @Override
  public boolean hasNext() {
    try {
      while (next == null && advance()) {
        // Directories have no files of their own to show.
      }
    } catch (IOException e) {
      throw HadoopFailure.translate("list", prefix, e);
    }
    return next != null;
  }

  @Override
  public FileInfo next() {
    if (!hasNext() || next == null) {
      throw new NoSuchElementException();
    }
    FileInfo file = next;
    next = null;
    return file;
  }

  /** Looks at one more entry, or opens one more directory; false at the end. */
  private boolean advance() throws IOException {
    try {
      if (page != null && page.hasNext()) {
        look(page.next());
        return true;
      }
      page = null;
      if (directories.isEmpty()) {
        return false;
      }
      meter.add(StoreMeter.Event.LIST);
      page = fileSystem.listStatusIterator(directories.pop());
    } catch (FileNotFoundException e) {
      // It is gone meanwhile, or was never there.
      page = null;
    }
    return true;
  }

  private void look(FileStatus entry) {
    if (entry.isDirectory()) {
      directories.push(entry.getPath());
      return;
    }
    String below = entry.getPath().toUri().getPath().substring(root.length());
    String location =
        base.endsWith("/") && below.startsWith("/") ? base + below.substring(1) : base + below;
    next = new FileInfo(location, entry.getLen(), entry.getModificationTime());
  }
}
