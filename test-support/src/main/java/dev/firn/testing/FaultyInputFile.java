package dev.firn.testing;

import java.io.EOFException;
import java.io.IOException;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.RangeReadable;
import org.apache.iceberg.io.SeekableInputStream;

/** A file whose reads may fail. */
final class FaultyInputFile implements InputFile {
  private final InputFile file;
  private final FaultPlan plan;

  FaultyInputFile(InputFile file, FaultPlan plan) {
    this.file = file;
    this.plan = plan;
  }

  @Override
  public long getLength() {
    return plan.call(FileOperation.STAT, location(), file::getLength);
  }

  @Override
  public SeekableInputStream newStream() {
    SeekableInputStream stream = plan.call(FileOperation.OPEN, location(), file::newStream);
    return stream instanceof RangeReadable ranges
        ? new RangeStream(stream, ranges, location(), plan)
        : new Stream(stream, location(), plan);
  }

  @Override
  public String location() {
    return file.location();
  }

  @Override
  public boolean exists() {
    return plan.call(FileOperation.STAT, location(), file::exists);
  }

  private static class Stream extends SeekableInputStream {
    private final SeekableInputStream stream;
    final String location;
    final FaultPlan plan;
    private boolean cut;

    Stream(SeekableInputStream stream, String location, FaultPlan plan) {
      this.stream = stream;
      this.location = location;
      this.plan = plan;
    }

    @Override
    public long getPos() throws IOException {
      return stream.getPos();
    }

    @Override
    public void seek(long position) throws IOException {
      stream.seek(position);
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      if (cut) {
        return -1;
      }
      int[] whole = new int[1];
      int size =
          plan.read(location, target, offset, () -> whole[0] = stream.read(target, offset, length));
      cut = size < whole[0];
      return cut && size == 0 ? -1 : size;
    }

    @Override
    public void close() throws IOException {
      stream.close();
    }
  }

  private static final class RangeStream extends Stream implements RangeReadable {
    private final RangeReadable ranges;

    RangeStream(SeekableInputStream stream, RangeReadable ranges, String location, FaultPlan plan) {
      super(stream, location, plan);
      this.ranges = ranges;
    }

    @Override
    public void readFully(long position, byte[] target, int offset, int length) throws IOException {
      int size =
          plan.read(
              location,
              target,
              offset,
              () -> {
                ranges.readFully(position, target, offset, length);
                return length;
              });
      if (size < length) {
        throw new EOFException(
            "Reached the end of " + location + " after " + size + " of " + length + " bytes");
      }
    }

    @Override
    public int readTail(byte[] target, int offset, int length) throws IOException {
      return plan.read(location, target, offset, () -> ranges.readTail(target, offset, length));
    }
  }
}
