package dev.firn.testing;

import java.io.IOException;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.OutputFile;
import org.apache.iceberg.io.PositionOutputStream;

/**
 * A file whose writes may fail. After a failed write, closing it closes nothing underneath, as if
 * the process had died: the store's own publication on close does not happen.
 */
final class FaultyOutputFile implements OutputFile {
  private final OutputFile file;
  private final FaultPlan plan;

  FaultyOutputFile(OutputFile file, FaultPlan plan) {
    this.file = file;
    this.plan = plan;
  }

  @Override
  public PositionOutputStream create() {
    return new Stream(plan.call(FileOperation.CREATE, location(), file::create));
  }

  @Override
  public PositionOutputStream createOrOverwrite() {
    return new Stream(plan.call(FileOperation.CREATE, location(), file::createOrOverwrite));
  }

  @Override
  public String location() {
    return file.location();
  }

  @Override
  public InputFile toInputFile() {
    return new FaultyInputFile(file.toInputFile(), plan);
  }

  private final class Stream extends PositionOutputStream {
    private final PositionOutputStream stream;
    private boolean broken;
    private boolean closed;

    Stream(PositionOutputStream stream) {
      this.stream = stream;
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
      write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] source, int offset, int length) throws IOException {
      try {
        plan.callChecked(
            FileOperation.WRITE,
            location(),
            () -> {
              stream.write(source, offset, length);
              return length;
            });
      } catch (IOException e) {
        broken = true;
        throw e;
      }
    }

    @Override
    public void flush() throws IOException {
      stream.flush();
    }

    @Override
    public void close() throws IOException {
      if (closed) {
        return;
      }
      closed = true;
      if (broken) {
        throw new IOException("Cannot close file: a write to it failed [" + location() + "]");
      }
      plan.callChecked(
          FileOperation.CLOSE,
          location(),
          () -> {
            stream.close();
            return true;
          });
    }
  }
}
