package dev.firn.format.write;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Set;
import java.util.TreeSet;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.HasTableOperations;
import org.apache.iceberg.Table;
import org.apache.iceberg.exceptions.NotFoundException;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.OutputFile;
import org.apache.iceberg.io.PositionOutputStream;

/** A store that knows what was written through it, and fails its n-th writing call once. */
final class FailingIo implements FileIO {
  private final FileIO io;
  private final Set<String> started = new TreeSet<>();
  private int calls;
  private int failing = -1;

  FailingIo(FileIO io) {
    this.io = io;
  }

  FailingIo failAt(int nthCall) {
    failing = nthCall;
    return this;
  }

  Table table(Table table) {
    return new BaseTable(((HasTableOperations) table).operations(), table.name()) {
      @Override
      public FileIO io() {
        return FailingIo.this;
      }
    };
  }

  /** Files started through this store that are there now. */
  Set<String> existing() {
    Set<String> there = new TreeSet<>();
    for (String location : started) {
      try {
        if (io.newInputFile(location).exists()) {
          there.add(location);
        }
      } catch (NotFoundException e) {
        // The store in memory answers so where others answer that the file does not exist.
      }
    }
    return there;
  }

  private void call() throws IOException {
    if (++calls == failing) {
      throw new IOException("injected");
    }
  }

  @Override
  public InputFile newInputFile(String path) {
    return io.newInputFile(path);
  }

  @Override
  public void deleteFile(String path) {
    io.deleteFile(path);
  }

  @Override
  public OutputFile newOutputFile(String path) {
    OutputFile file = io.newOutputFile(path);
    return new OutputFile() {
      @Override
      public PositionOutputStream create() {
        return start(file.create());
      }

      @Override
      public PositionOutputStream createOrOverwrite() {
        return start(file.createOrOverwrite());
      }

      private PositionOutputStream start(PositionOutputStream out) {
        started.add(path);
        try {
          call();
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
        return new Stream(out);
      }

      @Override
      public String location() {
        return path;
      }

      @Override
      public InputFile toInputFile() {
        return file.toInputFile();
      }
    };
  }

  private final class Stream extends PositionOutputStream {
    private final PositionOutputStream out;

    Stream(PositionOutputStream out) {
      this.out = out;
    }

    @Override
    public long getPos() throws IOException {
      return out.getPos();
    }

    @Override
    public void write(int b) throws IOException {
      call();
      out.write(b);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      call();
      out.write(bytes, offset, length);
    }

    @Override
    public void close() throws IOException {
      out.close();
      call();
    }
  }
}
