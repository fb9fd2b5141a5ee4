package dev.firn.storage.local;

import dev.firn.storage.Locations;
import dev.firn.storage.StoreMeter;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Path;

/** What the files of one local store share. Thread-safe. */
record LocalDisk(FileSystem fileSystem, DurableDirectories directories, StoreMeter meter) {
  static LocalDisk of(FileSystem fileSystem) {
    return new LocalDisk(fileSystem, new DurableDirectories(), new StoreMeter());
  }

  Path path(String location) {
    Path path = Locations.localPath(location);
    return isDefault() ? path : fileSystem.getPath(path.toString());
  }

  boolean isDefault() {
    return fileSystem == FileSystems.getDefault();
  }
}
