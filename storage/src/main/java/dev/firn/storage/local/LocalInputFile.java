package dev.firn.storage.local;

import dev.firn.storage.RangeReader;
import dev.firn.storage.RangedInputFile;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.apache.iceberg.io.SeekableInputStream;
import org.jspecify.annotations.Nullable;

/** A local file to read. Immutable. */
final class LocalInputFile implements RangedInputFile {
  private final String location;
  private final Path path;
  private final @Nullable Long length;

  LocalInputFile(String location, Path path, @Nullable Long length) {
    this.location = location;
    this.path = path;
    this.length = length;
  }

  @Override
  public long getLength() {
    if (length != null) {
      return length;
    }
    try {
      return Files.size(path);
    } catch (IOException e) {
      throw LocalFailure.translate("read", location, e);
    }
  }

  @Override
  public SeekableInputStream newStream() {
    try {
      return new LocalInputStream(location, FileChannel.open(path, StandardOpenOption.READ));
    } catch (IOException e) {
      throw LocalFailure.translate("read", location, e);
    }
  }

  @Override
  public RangeReader openRanges() {
    return ChannelRangeReader.open(this);
  }

  Path path() {
    return path;
  }

  @Override
  public String location() {
    return location;
  }

  @Override
  public boolean exists() {
    return Files.exists(path);
  }

  @Override
  public String toString() {
    return location;
  }
}
