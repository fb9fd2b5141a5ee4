package dev.firn.storage.hadoop;

import dev.firn.storage.StoreMeter;
import dev.firn.storage.StoreOutputStream;
import java.io.IOException;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.StreamCapabilities;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A writer of one file, confined to one thread. Owns its stream and its temporary file. */
final class HadoopOutputStream extends StoreOutputStream {
  private static final Logger LOG = LoggerFactory.getLogger(HadoopOutputStream.class);

  /** How the finished file gets its name. */
  enum Naming {
    NEW,
    REPLACE,
    WHEN_CLOSED
  }

  private final HadoopPlace place;
  private final StoreMeter meter;
  private final FSDataOutputStream stream;
  private final Path written;
  private final Naming naming;
  private boolean ended;
  private boolean failed;

  HadoopOutputStream(
      HadoopPlace place, StoreMeter meter, FSDataOutputStream stream, Path written, Naming naming) {
    this.place = place;
    this.meter = meter;
    this.stream = stream;
    this.written = written;
    this.naming = naming;
  }

  @Override
  public long getPos() {
    return stream.getPos();
  }

  @Override
  public void write(int value) throws IOException {
    attempt(() -> stream.write(value));
    meter.add(StoreMeter.Event.BYTES_WRITTEN);
  }

  @Override
  public void write(byte[] source, int offset, int length) throws IOException {
    attempt(() -> stream.write(source, offset, length));
    meter.add(StoreMeter.Event.BYTES_WRITTEN, length);
  }

  @Override
  public void flush() throws IOException {
    attempt(stream::flush);
  }

  @Override
  public void close() throws IOException {
    if (ended) {
      return;
    }
    if (failed) {
      abort();
      throw new IOException("Cannot write file: a write of it failed [" + place.location() + "]");
    }
    ended = true;
    long length = stream.getPos();
    meter.add(StoreMeter.Event.WRITE);
    try {
      if (stream.hasCapability(StreamCapabilities.HSYNC)) {
        stream.hsync();
      }
      stream.close();
      publish(length);
    } catch (IOException e) {
      discard();
      throw HadoopFailure.translate("write", place.location(), e);
    }
  }

  /** Where closing publishes, and the stream cannot be given up, the file shows for a moment. */
  @Override
  public void abort() {
    if (ended) {
      return;
    }
    ended = true;
    try {
      if (stream.hasCapability(StreamCapabilities.ABORTABLE_STREAM)) {
        stream.abort();
      } else {
        stream.close();
        fileSystem().delete(written, false);
      }
    } catch (IOException | RuntimeException e) {
      LOG.warn("Cannot remove unfinished file {}", written, e);
      discard();
    }
  }

  private void publish(long length) throws IOException {
    HadoopPublication publication = place.systems().publication(fileSystem(), place.path());
    switch (naming) {
      case NEW -> publication.create(written, place.path(), length);
      case REPLACE -> publication.replace(written, place.path());
      case WHEN_CLOSED -> {}
    }
  }

  /** The first error is on its way: what fails here does not change it. */
  private void discard() {
    if (naming == Naming.WHEN_CLOSED) {
      // It was not published, so what has its name is not ours.
      return;
    }
    try {
      stream.close();
    } catch (IOException e) {
      LOG.debug("Cannot close {}", written, e);
    }
    try {
      fileSystem().delete(written, false);
    } catch (IOException | RuntimeException e) {
      LOG.warn("Cannot remove temporary file {}", written, e);
    }
  }

  private FileSystem fileSystem() {
    return place.fileSystem();
  }

  private void attempt(Write write) throws IOException {
    if (ended) {
      throw new IOException("Cannot write file: its stream is closed [" + place.location() + "]");
    }
    try {
      write.run();
    } catch (IOException e) {
      failed = true;
      throw HadoopFailure.translate("write", place.location(), e);
    }
  }

  /** One call on the stream. */
  @FunctionalInterface
  private interface Write {
    void run() throws IOException;
  }
}
