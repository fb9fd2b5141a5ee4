package dev.firn.testing.disk;

import static dev.firn.testing.disk.ForgetfulPath.real;

import java.io.IOException;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.AccessMode;
import java.nio.file.CopyOption;
import java.nio.file.DirectoryStream;
import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileAttributeView;
import java.nio.file.spi.FileSystemProvider;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Passes calls on to the default provider, and tells the disk of changes. Thread-safe. */
final class ForgetfulProvider extends FileSystemProvider {
  private static final FileSystemProvider REAL = FileSystems.getDefault().provider();

  private final ForgetfulFileSystem fileSystem;
  private final ForgetfulDisk disk;

  ForgetfulProvider(ForgetfulFileSystem fileSystem, ForgetfulDisk disk) {
    this.fileSystem = fileSystem;
    this.disk = disk;
  }

  @Override
  public FileChannel newFileChannel(
      Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
      throws IOException {
    Path real = real(path);
    if (!disk.holds(real)) {
      return REAL.newFileChannel(real, options, attributes);
    }
    if (!options.contains(StandardOpenOption.WRITE)) {
      FileChannel channel = REAL.newFileChannel(real, options, attributes);
      return Files.isDirectory(real) ? new ForgetfulChannel(channel, real, disk) : channel;
    }
    FileChannel[] opened = new FileChannel[1];
    disk.change(
        () -> {
          opened[0] = REAL.newFileChannel(real, options, attributes);
          disk.created(real, false);
        });
    return new ForgetfulChannel(opened[0], real, disk);
  }

  @Override
  public SeekableByteChannel newByteChannel(
      Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
      throws IOException {
    return newFileChannel(path, options, attributes);
  }

  @Override
  public DirectoryStream<Path> newDirectoryStream(
      Path directory, DirectoryStream.Filter<? super Path> filter) throws IOException {
    DirectoryStream<Path> found =
        REAL.newDirectoryStream(real(directory), path -> filter.accept(wrap(path)));
    return new DirectoryStream<>() {
      @Override
      public Iterator<Path> iterator() {
        Iterator<Path> paths = found.iterator();
        return new Iterator<>() {
          @Override
          public boolean hasNext() {
            return paths.hasNext();
          }

          @Override
          public Path next() {
            return wrap(paths.next());
          }
        };
      }

      @Override
      public void close() throws IOException {
        found.close();
      }
    };
  }

  @Override
  public void createDirectory(Path directory, FileAttribute<?>... attributes) throws IOException {
    disk.change(
        () -> {
          REAL.createDirectory(real(directory), attributes);
          if (disk.holds(real(directory))) {
            disk.created(real(directory), true);
          }
        });
  }

  @Override
  public void createLink(Path link, Path existing) throws IOException {
    disk.change(
        () -> {
          REAL.createLink(real(link), real(existing));
          disk.linked(real(existing), real(link));
        });
  }

  @Override
  public void delete(Path path) throws IOException {
    disk.change(
        () -> {
          REAL.delete(real(path));
          disk.deleted(real(path));
        });
  }

  @Override
  public void move(Path from, Path to, CopyOption... options) throws IOException {
    disk.change(
        () -> {
          REAL.move(real(from), real(to), options);
          disk.moved(real(from), real(to));
        });
  }

  @Override
  public void copy(Path from, Path to, CopyOption... options) {
    throw new UnsupportedOperationException("nobody copies on this disk");
  }

  @Override
  public boolean isSameFile(Path one, Path other) throws IOException {
    return REAL.isSameFile(real(one), real(other));
  }

  @Override
  public boolean isHidden(Path path) throws IOException {
    return REAL.isHidden(real(path));
  }

  @Override
  public FileStore getFileStore(Path path) throws IOException {
    return REAL.getFileStore(real(path));
  }

  @Override
  public void checkAccess(Path path, AccessMode... modes) throws IOException {
    REAL.checkAccess(real(path), modes);
  }

  @Override
  public <V extends FileAttributeView> @Nullable V getFileAttributeView(
      Path path, Class<V> type, LinkOption... options) {
    return REAL.getFileAttributeView(real(path), type, options);
  }

  @Override
  public <A extends BasicFileAttributes> A readAttributes(
      Path path, Class<A> type, LinkOption... options) throws IOException {
    return REAL.readAttributes(real(path), type, options);
  }

  @Override
  public Map<String, Object> readAttributes(Path path, String names, LinkOption... options)
      throws IOException {
    return REAL.readAttributes(real(path), names, options);
  }

  @Override
  public void setAttribute(Path path, String name, Object value, LinkOption... options)
      throws IOException {
    REAL.setAttribute(real(path), name, value, options);
  }

  @Override
  public String getScheme() {
    return "forgetful";
  }

  @Override
  public FileSystem newFileSystem(URI uri, Map<String, ?> settings) {
    throw new UnsupportedOperationException("a disk makes its own");
  }

  @Override
  public FileSystem getFileSystem(URI uri) {
    throw new UnsupportedOperationException("a disk makes its own");
  }

  @Override
  public Path getPath(URI uri) {
    throw new UnsupportedOperationException("its paths have no URIs");
  }

  private Path wrap(Path path) {
    return new ForgetfulPath(fileSystem, path);
  }
}
