package dev.firn.format.write;

import java.io.IOException;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.OutputFile;
import org.apache.iceberg.io.PositionOutputStream;

/**
 * An output file that knows how much of it has left the format writer's buffers. Confined to one
 * thread.
 */
final class CountedOutput implements OutputFile {
  private final OutputFile file;
  private long flushed;

  CountedOutput(OutputFile file) {
    this.file = file;
  }

  /** Bytes that the format writer has handed to the store's stream. */
  long flushed() {
    return flushed;
  }

  @Override
  public PositionOutputStream create() {
    return new Counted(file.create());
  }

  @Override
  public PositionOutputStream createOrOverwrite() {
    return new Counted(file.createOrOverwrite());
  }

  @Override
  public String location() {
    return file.location();
  }

  @Override
  public InputFile toInputFile() {
    return file.toInputFile();
  }

  private final class Counted extends PositionOutputStream {
    private final PositionOutputStream out;

    Counted(PositionOutputStream out) {
      this.out = out;
    }

    @Override
    public long getPos() throws IOException {
      return out.getPos();
    }

    @Override
    public void write(int b) throws IOException {
      out.write(b);
      flushed++;
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      out.write(bytes, offset, length);
      flushed += length;
    }

    @Override
    public void flush() throws IOException {
      out.flush();
    }

    @Override
    public void close() throws IOException {
      out.close();
    }

    @Override
    public long storedLength() throws IOException {
      return out.storedLength();
    }
  }
}
