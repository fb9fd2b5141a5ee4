package dev.firn.storage.hadoop;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileAlreadyExistsException;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.util.Progressable;

/** As Google's connector does: a file shows when it is closed, under a condition. */
public final class ShownWhenClosedFileSystem extends RawLocalFileSystem {
  /** For Hadoop, which makes it by name. */
  public ShownWhenClosedFileSystem() {}

  @Override
  public URI getUri() {
    return URI.create("gs:///");
  }

  @Override
  public String getScheme() {
    return "gs";
  }

  @Override
  public FSDataOutputStream create(
      Path file,
      FsPermission permission,
      boolean overwrite,
      int bufferSize,
      short replication,
      long blockSize,
      Progressable progress)
      throws IOException {
    java.nio.file.Path target = pathToFile(file).toPath();
    return new FSDataOutputStream(new Upload(target, overwrite), null);
  }

  private static final class Upload extends ByteArrayOutputStream {
    private final java.nio.file.Path target;
    private final boolean overwrite;
    private boolean closed;

    Upload(java.nio.file.Path target, boolean overwrite) {
      this.target = target;
      this.overwrite = overwrite;
    }

    @Override
    public void close() throws IOException {
      if (closed) {
        return;
      }
      closed = true;
      Files.createDirectories(target.getParent());
      java.nio.file.Path whole = Files.createTempFile(target.getParent(), "upload", "");
      Files.write(whole, toByteArray());
      try {
        if (!overwrite) {
          Files.createLink(target, whole);
        } else {
          Files.write(target, toByteArray(), StandardOpenOption.CREATE);
        }
      } catch (java.nio.file.FileAlreadyExistsException e) {
        throw (IOException) new FileAlreadyExistsException(target.toString()).initCause(e);
      } finally {
        Files.delete(whole);
      }
    }
  }
}
