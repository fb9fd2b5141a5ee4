package dev.firn.storage.local;

import dev.firn.storage.RangedInputFile;
import dev.firn.storage.StoreOutputFile;
import dev.firn.storage.StoreOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.iceberg.exceptions.AlreadyExistsException;

/** A local file to write. Immutable. */
final class LocalOutputFile implements StoreOutputFile {
  private final LocalDisk disk;
  private final String location;
  private final Path path;

  LocalOutputFile(LocalDisk disk, String location) {
    this.disk = disk;
    this.location = location;
    this.path = disk.path(location);
  }

  /**
   * Starts a file that must not exist: checked here, and again, atomically, by {@code close()},
   * which throws {@link AlreadyExistsException} to all but one of several racing writers.
   */
  @Override
  public StoreOutputStream create() {
    if (Files.exists(path)) {
      throw new AlreadyExistsException("Cannot create file: it exists [%s]", location);
    }
    return open(LocalOutputStream.Publication.CREATE);
  }

  @Override
  public StoreOutputStream createOrOverwrite() {
    return open(LocalOutputStream.Publication.OVERWRITE);
  }

  @Override
  public String location() {
    return location;
  }

  @Override
  public RangedInputFile toInputFile() {
    return new LocalInputFile(disk, location, null);
  }

  @Override
  public String toString() {
    return location;
  }

  private StoreOutputStream open(LocalOutputStream.Publication publication) {
    try {
      return LocalOutputStream.open(disk, location, publication);
    } catch (IOException e) {
      throw LocalFailure.translate("create", location, e);
    }
  }
}
