package dev.firn.storage.cache;

import dev.firn.storage.StoreOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * A writer that keeps a copy of a small file, for the cache once the store has it. Confined to one
 * thread. Owns the store's stream.
 */
final class CachedOutputStream extends StoreOutputStream {
  private final String location;
  private final StoreOutputStream stream;
  private final FileCaches caches;
  private final long most;
  private @Nullable ByteArrayOutputStream copy;
  private boolean ended;

  CachedOutputStream(String location, StoreOutputStream stream, FileCaches caches) {
    this.location = location;
    this.stream = stream;
    this.caches = caches;
    this.most = caches.mostKept(location);
    this.copy = most < 0 ? null : new ByteArrayOutputStream();
  }

  @Override
  public long getPos() throws IOException {
    return stream.getPos();
  }

  @Override
  public long storedLength() throws IOException {
    return stream.storedLength();
  }

  @Override
  public void write(int value) throws IOException {
    stream.write(value);
    if (copies(1)) {
      copy().write(value);
    }
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    stream.write(bytes, offset, length);
    if (copies(length)) {
      copy().write(bytes, offset, length);
    }
  }

  @Override
  public void flush() throws IOException {
    stream.flush();
  }

  @Override
  public void close() throws IOException {
    boolean first = !ended;
    ended = true;
    try {
      stream.close();
    } catch (IOException | RuntimeException e) {
      // It may be there or not, old or new.
      caches.forget(location);
      copy = null;
      throw e;
    }
    if (first) {
      caches.written(location, copy == null ? null : copy.toByteArray());
      copy = null;
    }
  }

  @Override
  public void abort() {
    ended = true;
    copy = null;
    stream.abort();
  }

  /** Gives the copy up where it grows longer than files that are kept. */
  private boolean copies(int more) {
    if (copy != null && copy.size() + (long) more > most) {
      copy = null;
    }
    return copy != null;
  }

  private ByteArrayOutputStream copy() {
    return java.util.Objects.requireNonNull(copy);
  }
}
