package dev.firn.storage.cache;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** Directories that only their owner reads: a cache holds what tables hold. Stateless. */
final class PrivateDirectories {
  private PrivateDirectories() {}

  /** Makes a directory and those above it, unless they are there. */
  static void create(Path directory) throws IOException {
    if (directory.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      Files.createDirectories(
          directory,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    } else {
      Files.createDirectories(directory);
    }
  }
}
