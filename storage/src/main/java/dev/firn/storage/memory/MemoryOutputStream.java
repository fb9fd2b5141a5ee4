package dev.firn.storage.memory;

import dev.firn.storage.StoreOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A writer of one file in memory, confined to one thread. Owns the bytes until it ends. */
final class MemoryOutputStream extends StoreOutputStream {
  private final String location;
  private final Consumer<MemoryFile> publication;

  /** Null once the stream has ended. */
  private @Nullable ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  private long written;

  MemoryOutputStream(String location, Consumer<MemoryFile> publication) {
    this.location = location;
    this.publication = publication;
  }

  @Override
  public long getPos() {
    return written;
  }

  @Override
  public void write(int value) throws IOException {
    open().write(value);
    written++;
  }

  @Override
  public void write(byte[] source, int offset, int length) throws IOException {
    open().write(source, offset, length);
    written += length;
  }

  @Override
  public void close() {
    ByteArrayOutputStream whole = bytes;
    bytes = null;
    if (whole != null) {
      publication.accept(new MemoryFile(whole.toByteArray(), System.currentTimeMillis()));
    }
  }

  @Override
  public void abort() {
    bytes = null;
  }

  private ByteArrayOutputStream open() throws IOException {
    ByteArrayOutputStream open = bytes;
    if (open == null) {
      throw new IOException("Cannot write file: its stream is closed [" + location + "]");
    }
    return open;
  }
}
