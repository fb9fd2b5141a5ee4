package dev.firn.storage.s3;

import dev.firn.storage.RangedInputFile;
import dev.firn.storage.StoreOutputFile;
import dev.firn.storage.StoreOutputStream;

/** An object to write. Immutable. */
record S3OutputFile(S3Location file, S3Connection connection) implements StoreOutputFile {
  @Override
  public StoreOutputStream create() {
    return new S3OutputStream(file, connection, true);
  }

  @Override
  public StoreOutputStream createOrOverwrite() {
    return new S3OutputStream(file, connection, false);
  }

  @Override
  public String location() {
    return file.toString();
  }

  @Override
  public RangedInputFile toInputFile() {
    return new S3InputFile(new S3Object(file, connection), S3InputFile.UNKNOWN_LENGTH);
  }

  @Override
  public String toString() {
    return location();
  }
}
