package dev.firn.storage.s3;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import dev.firn.storage.StoreOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A writer of one object, confined to one thread. Owns the part that it fills, and its upload.
 *
 * <p>How it works: bytes gather in memory up to the part size. A file that ends there is one
 * request; a longer one is an upload whose parts go side by side, each as soon as it is full and
 * there is room in the budget of the store. What fails ends the upload at once, in {@code write} or
 * {@code close}, so that a caller who never closes leaves nothing.
 */
final class S3OutputStream extends StoreOutputStream {
  private enum State {
    OPEN,
    FAILED,
    CLOSED
  }

  private final S3Write write;
  private final PartSizes sizes;
  private PartBuffer buffer;
  private @Nullable ObjectUpload upload;
  private State state = State.OPEN;
  private @Nullable Throwable failure;
  private long position;

  S3OutputStream(S3Write write) {
    ChunkPool pool = write.uploads().pool();
    this.write = write;
    this.sizes = new PartSizes(write.requests().settings().partBytes());
    this.buffer = PartBuffer.first(pool, sizes.of(1));
    pool.enter();
  }

  @Override
  public long getPos() {
    return position;
  }

  @Override
  public void write(int value) throws IOException {
    requireOpen();
    if (buffer.isFull()) {
      handOver();
    }
    buffer.append((byte) value);
    position++;
  }

  @Override
  public void write(byte[] source, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, source.length);
    requireOpen();
    int done = 0;
    while (done < length) {
      if (buffer.isFull()) {
        handOver();
      }
      int count = buffer.append(source, offset + done, length - done);
      done += count;
      position += count;
    }
  }

  /** Does nothing: a store takes whole parts. */
  @Override
  public void flush() throws IOException {
    requireOpen();
  }

  @Override
  public void close() throws IOException {
    if (state == State.CLOSED) {
      return;
    }
    boolean failed = state == State.FAILED;
    state = State.CLOSED;
    if (failed) {
      throw failedBefore();
    }
    try {
      publish();
    } catch (InterruptedException e) {
      throw interrupted(e);
    } catch (RuntimeException | Error e) {
      end();
      throw e;
    }
    write.uploads().pool().leave();
  }

  @Override
  public void abort() {
    if (state == State.OPEN) {
      end();
    }
    state = State.CLOSED;
  }

  private void publish() throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException("interrupted before the file was complete");
    }
    if (upload == null) {
      Part whole = buffer.seal();
      try {
        write.run(() -> new Publication(write).put(whole));
      } finally {
        whole.release();
      }
      return;
    }
    upload.send(buffer.seal());
    upload.complete();
  }

  /** Sends the full part on its way and begins the next one. */
  private void handOver() throws IOException {
    try {
      if (upload == null) {
        upload = ObjectUpload.start(write);
      }
      long next = sizes.of(upload.partCount() + 2);
      upload.send(buffer.seal());
      buffer = PartBuffer.following(write.uploads().pool(), next);
    } catch (InterruptedException e) {
      state = State.FAILED;
      failure = e;
      throw interrupted(e);
    } catch (RuntimeException | Error e) {
      state = State.FAILED;
      failure = e;
      end();
      throw e;
    }
  }

  private InterruptedIOException interrupted(InterruptedException cause) {
    Thread.currentThread().interrupt();
    end();
    InterruptedIOException error =
        new InterruptedIOException(
            "Cannot write file: the thread was interrupted, nothing was written ["
                + write.location()
                + "]");
    error.initCause(cause);
    return error;
  }

  /** Gives everything back that the stream holds, here and in the store. */
  private void end() {
    buffer.release();
    if (upload != null) {
      upload.abort();
    }
    write.uploads().pool().leave();
  }

  private void requireOpen() throws IOException {
    if (state == State.FAILED) {
      throw failedBefore();
    }
    if (state == State.CLOSED) {
      throw new IOException("Cannot write file: its stream is closed [" + write.location() + "]");
    }
  }

  /** A new one each time: a caller may add one to the other as suppressed. */
  private FirnException failedBefore() {
    return new FirnException(
        failure instanceof FirnException first ? first.kind() : ErrorKind.UNAVAILABLE,
        "Cannot write file: an earlier write to it failed, nothing was written ["
            + write.location()
            + "]",
        failure);
  }
}
