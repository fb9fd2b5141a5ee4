package dev.firn.storage.local;

import dev.firn.storage.RangeReader;
import dev.firn.storage.RangedInputFile;
import dev.firn.storage.StoreMeter;
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
  private final StoreMeter meter;

  LocalInputFile(LocalDisk disk, String location, @Nullable Long length) {
    this.location = location;
    this.path = disk.path(location);
    this.length = length;
    this.meter = disk.meter();
  }

  @Override
  public long getLength() {
    if (length != null) {
      return length;
    }
    meter.add(StoreMeter.Event.HEAD);
    try {
      return Files.size(path);
    } catch (IOException e) {
      throw LocalFailure.translate("read", location, e);
    }
  }

  @Override
  public SeekableInputStream newStream() {
    meter.add(StoreMeter.Event.READ);
    try {
      return new LocalInputStream(location, FileChannel.open(path, StandardOpenOption.READ), meter);
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

  StoreMeter meter() {
    return meter;
  }

  @Override
  public String location() {
    return location;
  }

  @Override
  public boolean exists() {
    meter.add(StoreMeter.Event.HEAD);
    return Files.exists(path);
  }

  @Override
  public String toString() {
    return location;
  }
}
