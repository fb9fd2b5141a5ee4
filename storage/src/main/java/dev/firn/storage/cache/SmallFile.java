package dev.firn.storage.cache;

import java.util.Locale;

/** The kinds of files that are read and kept whole, by their names. */
enum SmallFile {
  /** Manifests and manifest lists; manifests are written up to 8 MB. */
  MANIFEST(16L << 20),
  /** Table and view metadata. */
  METADATA(16L << 20),
  /** Deletion vectors of one commit, and statistics; of a longer file one blob is read apart. */
  BLOBS(1L << 20),
  /** Everything else: data files, and names that are written again. */
  NONE(-1);

  private final long most;

  SmallFile(long most) {
    this.most = most;
  }

  static SmallFile of(String location) {
    String name = location.substring(location.lastIndexOf('/') + 1).toLowerCase(Locale.ROOT);
    if (name.endsWith(".avro")) {
      return MANIFEST;
    }
    if (name.endsWith(".metadata.json") || name.endsWith(".metadata.json.gz")) {
      return METADATA;
    }
    return name.endsWith(".puffin") || name.endsWith(".stats") ? BLOBS : NONE;
  }

  /**
   * The longest file of the kind that is kept, in bytes: at most half of a cache of {@code
   * cacheBytes}. Negative where none is.
   */
  long most(long cacheBytes) {
    return cacheBytes == 0 ? -1 : Math.min(most, cacheBytes / 2);
  }
}
