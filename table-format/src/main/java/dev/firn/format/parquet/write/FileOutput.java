package dev.firn.format.parquet.write;

import dev.firn.storage.StoreOutputStream;
import java.io.IOException;
import org.apache.parquet.io.OutputFile;
import org.apache.parquet.io.PositionOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * An Iceberg output file as parquet-java writes it, through one buffer: page headers are tiny.
 * Confined to one thread. Owns the stream.
 */
final class FileOutput implements OutputFile {
  private static final int BUFFER = 256 << 10;

  private final org.apache.iceberg.io.OutputFile file;
  private @Nullable Buffered stream;

  FileOutput(org.apache.iceberg.io.OutputFile file) {
    this.file = file;
  }

  /** Bytes written so far. */
  long position() {
    return stream == null ? 0 : stream.getPos();
  }

  /** Gives up what is not closed; see {@link StoreOutputStream#abandon}. */
  void abandon() throws IOException {
    if (stream != null) {
      stream.abandon();
    }
  }

  @Override
  public PositionOutputStream create(long blockSize) {
    return open(file.create());
  }

  @Override
  public PositionOutputStream createOrOverwrite(long blockSize) {
    return open(file.createOrOverwrite());
  }

  private PositionOutputStream open(org.apache.iceberg.io.PositionOutputStream out) {
    Buffered buffered = new Buffered(out);
    stream = buffered;
    return buffered;
  }

  @Override
  public boolean supportsBlockSize() {
    return false;
  }

  @Override
  public long defaultBlockSize() {
    return 0;
  }

  @Override
  public String getPath() {
    return file.location();
  }

  private static final class Buffered extends PositionOutputStream {
    private final org.apache.iceberg.io.PositionOutputStream out;
    private final byte[] buffer = new byte[BUFFER];
    private int filled;
    private long position;
    private boolean closed;

    Buffered(org.apache.iceberg.io.PositionOutputStream out) {
      this.out = out;
    }

    @Override
    public long getPos() {
      return position;
    }

    @Override
    public void write(int b) throws IOException {
      if (filled == BUFFER) {
        drain();
      }
      buffer[filled++] = (byte) b;
      position++;
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      position += length;
      if (length >= BUFFER) {
        drain();
        out.write(bytes, offset, length);
        return;
      }
      int first = Math.min(length, BUFFER - filled);
      System.arraycopy(bytes, offset, buffer, filled, first);
      filled += first;
      if (first < length) {
        drain();
        System.arraycopy(bytes, offset + first, buffer, 0, length - first);
        filled = length - first;
      }
    }

    private void drain() throws IOException {
      out.write(buffer, 0, filled);
      filled = 0;
    }

    @Override
    public void flush() throws IOException {
      drain();
      out.flush();
    }

    @Override
    public void close() throws IOException {
      if (!closed) {
        closed = true;
        try (out) {
          drain();
        }
      }
    }

    void abandon() throws IOException {
      if (!closed) {
        closed = true;
        StoreOutputStream.abandon(out);
      }
    }
  }
}
