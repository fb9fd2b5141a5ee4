package dev.firn.storage.s3;

import dev.firn.storage.RangedInputFile;
import dev.firn.storage.StoreOutputFile;
import dev.firn.storage.StoreOutputStream;
import java.nio.ByteBuffer;
import java.util.List;
import org.apache.iceberg.exceptions.AlreadyExistsException;

/** An object to write. Immutable. Borrows the connection. */
record S3OutputFile(S3Location file, S3Connection connection) implements StoreOutputFile {
  /** Starts an object that must not exist: the store refuses all but one writer, as it closes. */
  @Override
  public StoreOutputStream create() {
    return new S3OutputStream(S3Write.of(file, connection, true));
  }

  @Override
  public StoreOutputStream createOrOverwrite() {
    return new S3OutputStream(S3Write.of(file, connection, false));
  }

  /**
   * Creates the object of these bytes, in one request, unless there is one.
   *
   * @return whether it did
   */
  boolean putIfAbsent(ByteBuffer bytes) {
    S3Write write = S3Write.of(file, connection, true);
    Part whole = new Part(List.of(bytes.slice()), List.of(), write.uploads().pool());
    bytes.position(bytes.limit());
    try {
      write.run(() -> new Publication(write).put(whole));
    } catch (AlreadyExistsException e) {
      return false;
    }
    return true;
  }

  @Override
  public String location() {
    return file.toString();
  }

  @Override
  public RangedInputFile toInputFile() {
    return new S3InputFile(new S3Reads(file, connection), S3InputFile.UNKNOWN_LENGTH);
  }

  @Override
  public String toString() {
    return location();
  }
}
