package dev.firn.format.parquet.write;

import dev.firn.storage.StoreOutputStream;
import java.io.ByteArrayOutputStream;
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

  /** What is kept of a page: its header, which is some 30 bytes. */
  private static final int CAPTURE = 256;

  private final org.apache.iceberg.io.OutputFile file;
  private @Nullable Buffered stream;

  FileOutput(org.apache.iceberg.io.OutputFile file) {
    this.file = file;
  }

  /** Bytes written so far. */
  long position() {
    return stream == null ? 0 : stream.getPos();
  }

  /** From here on keeps in memory what is written, and stays open, until {@link #finish}. */
  void hold() {
    required().hold();
  }

  /** What was written since {@link #hold}. */
  byte[] held() {
    return required().held();
  }

  /** Writes {@code end} in place of what is held, and closes the file. */
  void finish(byte[] end) throws IOException {
    Buffered open = required();
    open.release(end);
    open.close();
  }

  /** Keeps the next bytes, as far as they fit. */
  void capture() {
    required().captured = 0;
  }

  /** What came since {@link #capture}. */
  byte[] captured() {
    return required().capture;
  }

  /** How many bytes {@link #captured} has at most. */
  int capturedMost() {
    return CAPTURE;
  }

  private Buffered required() {
    Buffered open = stream;
    if (open == null) {
      throw new IllegalStateException("the file is not created: " + file.location());
    }
    return open;
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
    private final byte[] capture = new byte[CAPTURE];
    private int captured = CAPTURE;
    private int filled;
    private long position;
    private boolean closed;
    private @Nullable ByteArrayOutputStream held;

    Buffered(org.apache.iceberg.io.PositionOutputStream out) {
      this.out = out;
    }

    void hold() {
      held = new ByteArrayOutputStream();
    }

    byte[] held() {
      return held == null ? new byte[0] : held.toByteArray();
    }

    void release(byte[] end) throws IOException {
      position -= held == null ? 0 : held.size();
      held = null;
      write(end, 0, end.length);
    }

    @Override
    public long getPos() {
      return position;
    }

    @Override
    public void write(int b) throws IOException {
      if (captured < CAPTURE) {
        capture[captured++] = (byte) b;
      }
      if (held != null) {
        held.write(b);
        position++;
        return;
      }
      if (filled == BUFFER) {
        drain();
      }
      buffer[filled++] = (byte) b;
      position++;
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      position += length;
      if (captured < CAPTURE) {
        int kept = Math.min(length, CAPTURE - captured);
        System.arraycopy(bytes, offset, capture, captured, kept);
        captured += kept;
      }
      if (held != null) {
        held.write(bytes, offset, length);
        return;
      }
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
      if (held == null) {
        drain();
        out.flush();
      }
    }

    @Override
    public void close() throws IOException {
      if (!closed && held == null) {
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
