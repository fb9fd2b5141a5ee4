package dev.firn.storage.hadoop;

import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** A location as Hadoop names it. Immutable. */
record HadoopPlace(String location, Path path, HadoopFileSystems systems) {
  /** The file system of the location, opened when it is first used. */
  FileSystem fileSystem() {
    return systems.of(location, path);
  }
}
