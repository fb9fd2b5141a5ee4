package dev.firn.catalog;

import dev.firn.storage.Locations;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.iceberg.io.DelegateFileIO;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.FileInfo;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.OutputFile;
import org.apache.iceberg.io.PositionOutputStream;
import org.apache.iceberg.io.SeekableInputStream;
import org.apache.iceberg.io.SupportsPrefixOperations;

/**
 * A store that calls a directory {@code s3://lake}, {@code s3a://lake} and {@code s3n://lake} too.
 * Owns what it decorates.
 */
final class AliasedIO implements DelegateFileIO {
  private static final long serialVersionUID = 1L;
  private static final String BUCKET = "s3://lake";

  private final transient FileIO store;
  private final transient Path bucket;

  AliasedIO(FileIO store, Path bucket) {
    this.store = store;
    this.bucket = bucket;
  }

  /** Returns where a location in any spelling is on disk. */
  static Path at(String location, Path bucket) {
    int path = path(location);
    return path < 0
        ? Locations.localPath(location)
        : bucket.resolve(location.substring(Math.min(path + 1, location.length())));
  }

  /** Returns a spelling of the same place, by chance another. */
  static String other(String location, Random random) {
    int path = path(location);
    if (path >= 0) {
      return List.of("s3", "s3a", "s3n").get(random.nextInt(3))
          + "://lake"
          + location.substring(path);
    }
    return List.of("", "file:", "file://", "file://localhost").get(random.nextInt(4))
        + Locations.localPath(location);
  }

  /** Where the path begins in a location of the bucket; negative: it is of no bucket. */
  private static int path(String location) {
    return location.matches("s3[an]?://lake(/.*)?")
        ? location.indexOf("://") + BUCKET.length() - "s3".length()
        : -1;
  }

  private String real(String location) {
    return path(location) < 0 ? location : Locations.of(at(location, bucket));
  }

  @Override
  public InputFile newInputFile(String location) {
    InputFile file = store.newInputFile(real(location));
    return new InputFile() {
      @Override
      public long getLength() {
        return file.getLength();
      }

      @Override
      public SeekableInputStream newStream() {
        return file.newStream();
      }

      @Override
      public String location() {
        return location;
      }

      @Override
      public boolean exists() {
        return file.exists();
      }
    };
  }

  @Override
  public OutputFile newOutputFile(String location) {
    OutputFile file = store.newOutputFile(real(location));
    return new OutputFile() {
      @Override
      public PositionOutputStream create() {
        return file.create();
      }

      @Override
      public PositionOutputStream createOrOverwrite() {
        return file.createOrOverwrite();
      }

      @Override
      public String location() {
        return location;
      }

      @Override
      public InputFile toInputFile() {
        return newInputFile(location);
      }
    };
  }

  @Override
  public void deleteFile(String location) {
    store.deleteFile(real(location));
  }

  @Override
  public void deleteFiles(Iterable<String> locations) {
    locations.forEach(this::deleteFile);
  }

  @Override
  public Iterable<FileInfo> listPrefix(String prefix) {
    int path = path(prefix);
    Iterable<FileInfo> files = ((SupportsPrefixOperations) store).listPrefix(real(prefix));
    if (path < 0) {
      return files;
    }
    String name = prefix.substring(0, path);
    String root = Locations.of(bucket);
    List<FileInfo> named = new ArrayList<>();
    for (FileInfo file : files) {
      String below = Locations.of(Locations.localPath(file.location())).substring(root.length());
      named.add(new FileInfo(name + below, file.size(), file.createdAtMillis()));
    }
    return named;
  }

  @Override
  public void deletePrefix(String prefix) {
    ((SupportsPrefixOperations) store).deletePrefix(real(prefix));
  }

  @Override
  public void close() {
    store.close();
  }
}
