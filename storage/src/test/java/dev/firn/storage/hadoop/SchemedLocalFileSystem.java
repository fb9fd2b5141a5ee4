package dev.firn.storage.hadoop;

import java.net.URI;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.fs.permission.FsPermission;

/** Hadoop's local file system by a scheme that is not our own local store's. */
public final class SchemedLocalFileSystem extends RawLocalFileSystem {
  static final String SCHEME = "hadooplocal";

  /** For Hadoop, which makes it by name. */
  public SchemedLocalFileSystem() {}

  @Override
  public URI getUri() {
    return URI.create(SCHEME + ":///");
  }

  /** It would run a program for each file. */
  @Override
  public void setPermission(Path file, FsPermission permission) {}

  @Override
  public String getScheme() {
    return SCHEME;
  }
}
