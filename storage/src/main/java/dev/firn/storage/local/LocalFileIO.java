package dev.firn.storage.local;

import dev.firn.storage.Locations;
import dev.firn.storage.RangedInputFile;
import dev.firn.storage.Store;
import dev.firn.storage.StoreCounts;
import dev.firn.storage.StoreMeter;
import dev.firn.storage.StoreOutputFile;
import java.io.IOException;
import java.io.NotSerializableException;
import java.io.ObjectOutputStream;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.io.BulkDeletionFailureException;
import org.apache.iceberg.io.FileInfo;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Local files, atomic and durable: a file appears whole, after its bytes and its directory entry
 * have reached the disk, or not at all. Thread-safe; holds no resources.
 *
 * <p>How it works: bytes go to a hidden sibling, which {@code close()} forces to disk and then
 * links ({@code create}: fails if the name exists) or renames ({@code createOrOverwrite}) to its
 * name, forcing the directory too. A killed process leaves at most such siblings, which nothing
 * refers to; {@link LocalTemporaries} tells whose they are, and {@link #listPrefix} lists them, so
 * that sweeps find them.
 *
 * <p>Where the file system has no hard links (FAT, some network mounts), {@code create} reserves
 * its name by an empty file and renames onto it: still only one of racing writers wins, but readers
 * may see the empty file, and a crash in between leaves it. Deletions are not forced: after a power
 * cut a deleted file may be back.
 */
public final class LocalFileIO implements Store {
  private static final long serialVersionUID = 1L;
  private static final Logger LOG = LoggerFactory.getLogger(LocalFileIO.class);

  private final transient LocalDisk disk;

  /** Makes one; it needs no properties. */
  public LocalFileIO() {
    this(LocalDisk.of(FileSystems.getDefault()));
  }

  private LocalFileIO(LocalDisk disk) {
    this.disk = disk;
  }

  /**
   * Makes one on another file system of this machine, which it borrows; locations name its paths.
   * Not serialisable.
   */
  public static LocalFileIO on(FileSystem fileSystem) {
    return new LocalFileIO(LocalDisk.of(fileSystem));
  }

  @Override
  public RangedInputFile newInputFile(String location) {
    return new LocalInputFile(disk, location, null);
  }

  @Override
  public RangedInputFile newInputFile(String location, long length) {
    return new LocalInputFile(disk, location, length);
  }

  @Override
  public StoreOutputFile newOutputFile(String location) {
    return new LocalOutputFile(disk, location);
  }

  /** Deletes a file; a missing file is no error, as in every object store. */
  @Override
  public void deleteFile(String location) {
    try {
      delete(disk.path(location));
    } catch (IOException e) {
      throw LocalFailure.translate("delete", location, e);
    }
  }

  @Override
  public void deleteFiles(Iterable<String> locations) throws BulkDeletionFailureException {
    int failed = 0;
    for (String location : locations) {
      try {
        deleteFile(location);
      } catch (RuntimeException e) {
        LOG.warn("Cannot delete {}", location, e);
        failed++;
      }
    }
    if (failed > 0) {
      throw new BulkDeletionFailureException(failed);
    }
  }

  /**
   * Lists all files below a directory, spelled as {@code prefix} is spelled; an absent directory
   * has none. Files that vanish meanwhile are left out.
   */
  @Override
  public Iterable<FileInfo> listPrefix(String prefix) {
    disk.meter().add(StoreMeter.Event.LIST);
    Path root = disk.path(prefix);
    String base = Locations.stripTrailingSlashes(prefix);
    List<FileInfo> found = new ArrayList<>();
    walk(
        prefix,
        root,
        new Walk() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            String name = root.relativize(file).toString();
            String location = name.isEmpty() ? base : base + (base.endsWith("/") ? "" : "/") + name;
            found.add(
                new FileInfo(
                    location, attributes.size(), attributes.lastModifiedTime().toMillis()));
            return FileVisitResult.CONTINUE;
          }
        });
    return found;
  }

  /** Deletes a directory and everything below it; an absent one is no error. */
  @Override
  public void deletePrefix(String prefix) {
    walk(
        prefix,
        disk.path(prefix),
        new Walk() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            disk.meter().add(StoreMeter.Event.DELETE);
            Files.deleteIfExists(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException error)
              throws IOException {
            super.postVisitDirectory(directory, error);
            disk.directories().forget(directory);
            Files.deleteIfExists(directory);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  @Override
  public StoreCounts counts() {
    return disk.meter().counts();
  }

  @Override
  public Map<String, String> properties() {
    return Map.of();
  }

  private void delete(Path path) throws IOException {
    disk.meter().add(StoreMeter.Event.DELETE);
    if (Files.isDirectory(path)) {
      throw new DirectoryNotEmptyException(path + " is a directory");
    }
    Files.deleteIfExists(path);
  }

  private static void walk(String prefix, Path root, Walk walk) {
    try {
      if (Files.exists(root)) {
        Files.walkFileTree(root, walk);
      }
    } catch (IOException e) {
      throw LocalFailure.translate("list", prefix, e);
    }
  }

  private void writeObject(ObjectOutputStream out) throws IOException {
    if (!disk.isDefault()) {
      throw new NotSerializableException("a store on " + disk.fileSystem());
    }
    out.defaultWriteObject();
  }

  private Object readResolve() {
    return new LocalFileIO();
  }

  /** Goes on where files vanish under it. */
  private abstract static class Walk extends SimpleFileVisitor<Path> {
    @Override
    public FileVisitResult visitFileFailed(Path file, IOException error) throws IOException {
      if (error instanceof NoSuchFileException) {
        return FileVisitResult.CONTINUE;
      }
      throw error;
    }

    @Override
    public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException error)
        throws IOException {
      if (error != null && !(error instanceof NoSuchFileException)) {
        throw error;
      }
      return FileVisitResult.CONTINUE;
    }
  }
}
