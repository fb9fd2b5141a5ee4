package dev.firn.storage;

import java.nio.file.Path;

/**
 * Locations as the text that stands in Iceberg metadata. SKELETON: the storage helper's version
 * wins.
 */
public final class Locations {
  private Locations() {}

  /** A local path as a location. */
  public static String of(Path path) {
    throw new UnsupportedOperationException(path.toString());
  }

  /** A path or URI, normalised. */
  public static String parse(String text) {
    throw new UnsupportedOperationException(text);
  }

  /** The path of a local location. */
  public static Path localPath(String location) {
    throw new UnsupportedOperationException(location);
  }

  /** Whether the location is on local disk. */
  public static boolean local(String location) {
    throw new UnsupportedOperationException(location);
  }
}
