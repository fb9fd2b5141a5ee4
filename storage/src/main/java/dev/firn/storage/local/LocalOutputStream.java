package dev.firn.storage.local;

import dev.firn.storage.Locations;
import dev.firn.storage.StoreMeter;
import dev.firn.storage.StoreOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A writer of one local file, confined to one thread. Owns its channel and its temporary file. */
final class LocalOutputStream extends StoreOutputStream {
  /** The JDK keeps a direct buffer per thread as large as the largest write: so writes are cut. */
  private static final int BUFFER = 64 * 1024;

  /** So much is brought to disk at a time while more is written. */
  private static final long BEHIND = 16 << 20;

  /** How the finished file gets its name. */
  enum Publication {
    CREATE,
    OVERWRITE
  }

  private static final Logger LOG = LoggerFactory.getLogger(LocalOutputStream.class);

  private final String location;
  private final Path target;
  private final Path temporary;
  private final Publication publication;
  private final FileChannel channel;
  private final StoreMeter meter;
  private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER);
  private final WriteBehind behind;
  private long written;
  private long asked;
  private boolean closed;
  private @Nullable IOException failure;

  private LocalOutputStream(
      String location,
      Path target,
      Path temporary,
      Publication publication,
      FileChannel channel,
      StoreMeter meter) {
    this.location = location;
    this.target = target;
    this.temporary = temporary;
    this.publication = publication;
    this.channel = channel;
    this.meter = meter;
    this.behind = new WriteBehind(() -> channel.force(false));
  }

  static LocalOutputStream open(LocalDisk disk, String location, Publication publication)
      throws IOException {
    Path target = disk.path(location);
    Path parent =
        Objects.requireNonNull(target.toAbsolutePath().getParent(), "a file has a parent");
    disk.directories().create(parent);
    Path temporary = LocalTemporaries.next(parent, target);
    FileChannel channel =
        FileChannel.open(temporary, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW);
    return new LocalOutputStream(location, target, temporary, publication, channel, disk.meter());
  }

  /** Writes through a temporary file that exists, and that {@code close()} removes. */
  static LocalOutputStream through(Path temporary, Path target) throws IOException {
    return new LocalOutputStream(
        Locations.of(target),
        target,
        temporary,
        Publication.CREATE,
        FileChannel.open(temporary, StandardOpenOption.WRITE),
        new StoreMeter());
  }

  @Override
  public long getPos() {
    return written + buffer.position();
  }

  @Override
  public void write(int value) throws IOException {
    requireUsable();
    if (!buffer.hasRemaining()) {
      drain();
    }
    buffer.put((byte) value);
  }

  @Override
  public void write(byte[] source, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, source.length);
    requireUsable();
    int done = 0;
    while (done < length) {
      if (!buffer.hasRemaining()) {
        drain();
      }
      int count = Math.min(length - done, buffer.remaining());
      if (count == BUFFER) {
        drain(ByteBuffer.wrap(source, offset + done, count));
      } else {
        buffer.put(source, offset + done, count);
      }
      done += count;
    }
  }

  @Override
  public void flush() throws IOException {
    requireUsable();
    drain();
  }

  @Override
  public void close() throws IOException {
    if (closed) {
      return;
    }
    closed = true;
    try {
      if (failure != null) {
        throw failure;
      }
      drain();
      behind.settle();
      channel.force(true);
      channel.close();
      publish();
    } catch (IOException e) {
      throw LocalFailure.translate("write", location, e);
    } finally {
      discard();
    }
  }

  @Override
  public void abort() {
    if (!closed) {
      closed = true;
      discard();
    }
  }

  private void requireUsable() throws IOException {
    if (closed) {
      throw new IOException("Cannot write file: its stream is closed [" + location + "]");
    }
    if (failure != null) {
      throw LocalFailure.translate("write", location, failure);
    }
  }

  private void drain() {
    buffer.flip();
    try {
      drain(buffer);
    } finally {
      buffer.clear();
    }
  }

  private void drain(ByteBuffer bytes) {
    try {
      while (bytes.hasRemaining()) {
        int count = channel.write(bytes);
        written += count;
        meter.add(StoreMeter.Event.BYTES_WRITTEN, count);
      }
      if (written - asked >= BEHIND) {
        asked = written;
        behind.ask();
      }
    } catch (IOException e) {
      failure = e;
      // It can never be published, and the caller may never close it: a full disk needs its space.
      discard();
      // A fresh exception each time: try-with-resources adds the one of close() to the one of
      // write().
      throw LocalFailure.translate("write", location, e);
    }
  }

  private void publish() throws IOException {
    meter.add(StoreMeter.Event.WRITE);
    if (publication == Publication.OVERWRITE) {
      rename();
      DurableDirectories.force(temporary.getParent());
      return;
    }
    link();
    try {
      DurableDirectories.force(temporary.getParent());
    } catch (IOException e) {
      withdraw(e);
      throw e;
    }
  }

  /** The name is ours, and nobody was told yet: a failed {@code close()} leaves no file. */
  private void withdraw(IOException error) {
    try {
      Files.deleteIfExists(target);
    } catch (IOException e) {
      error.addSuppressed(e);
    }
  }

  private void link() throws IOException {
    try {
      Files.createLink(target, temporary);
    } catch (FileAlreadyExistsException e) {
      throw e;
    } catch (UnsupportedOperationException | FileSystemException e) {
      // No hard links here (FAT, some network mounts): reserve the name, then replace it.
      Files.createFile(target);
      rename();
    }
  }

  private void rename() throws IOException {
    Files.move(
        temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /** The name has been given, or the first error is on its way: what fails here changes neither. */
  private void discard() {
    try {
      channel.close();
      Files.deleteIfExists(temporary);
    } catch (IOException e) {
      LOG.warn("Cannot remove temporary file {}", temporary, e);
    }
  }
}
