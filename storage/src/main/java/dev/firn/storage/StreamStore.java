package dev.firn.storage;

import java.io.IOException;
import java.util.Map;
import org.apache.iceberg.io.BulkDeletionFailureException;
import org.apache.iceberg.io.DelegateFileIO;
import org.apache.iceberg.io.FileInfo;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.OutputFile;
import org.apache.iceberg.io.PositionOutputStream;
import org.apache.iceberg.io.SeekableInputStream;

/**
 * Another library's {@code FileIO} as a store: ranges are read through its streams, a write that is
 * given up is closed and its file deleted. Thread-safe where that is. Owns it.
 */
public class StreamStore implements Store {
  private static final long serialVersionUID = 1L;

  private final DelegateFileIO files;
  private final transient StoreMeter meter = new StoreMeter();

  protected StreamStore(DelegateFileIO files) {
    this.files = files;
  }

  @Override
  public void initialize(Map<String, String> properties) {
    files.initialize(properties);
  }

  @Override
  public Map<String, String> properties() {
    return files.properties();
  }

  @Override
  public RangedInputFile newInputFile(String location) {
    meter.add(StoreMeter.Event.READ);
    return new Input(files.newInputFile(location));
  }

  @Override
  public RangedInputFile newInputFile(String location, long length) {
    meter.add(StoreMeter.Event.READ);
    return new Input(files.newInputFile(location, length));
  }

  @Override
  public StoreOutputFile newOutputFile(String location) {
    meter.add(StoreMeter.Event.WRITE);
    return new Output(files.newOutputFile(location), this);
  }

  @Override
  public void deleteFile(String location) {
    meter.add(StoreMeter.Event.DELETE);
    files.deleteFile(location);
  }

  @Override
  public void deleteFiles(Iterable<String> locations) throws BulkDeletionFailureException {
    meter.add(StoreMeter.Event.DELETE);
    files.deleteFiles(locations);
  }

  @Override
  public Iterable<FileInfo> listPrefix(String prefix) {
    meter.add(StoreMeter.Event.LIST);
    return files.listPrefix(prefix);
  }

  @Override
  public void deletePrefix(String prefix) {
    meter.add(StoreMeter.Event.DELETE);
    files.deletePrefix(prefix);
  }

  @Override
  public StoreCounts counts() {
    return meter.counts();
  }

  @Override
  public void close() {
    files.close();
  }

  private record Input(InputFile file) implements RangedInputFile {
    @Override
    public RangeReader openRanges() {
      return RangeReader.open(file);
    }

    @Override
    public long getLength() {
      return file.getLength();
    }

    @Override
    public SeekableInputStream newStream() {
      return file.newStream();
    }

    @Override
    public String location() {
      return file.location();
    }

    @Override
    public boolean exists() {
      return file.exists();
    }

    @Override
    public String toString() {
      return file.location();
    }
  }

  private record Output(OutputFile file, StreamStore store) implements StoreOutputFile {
    @Override
    public StoreOutputStream create() {
      return new Stream(file.create(), this);
    }

    @Override
    public StoreOutputStream createOrOverwrite() {
      return new Stream(file.createOrOverwrite(), this);
    }

    @Override
    public RangedInputFile toInputFile() {
      return store.newInputFile(file.location());
    }

    @Override
    public String location() {
      return file.location();
    }
  }

  private static final class Stream extends StoreOutputStream {
    private final PositionOutputStream stream;
    private final Output output;
    private boolean closed;

    Stream(PositionOutputStream stream, Output output) {
      this.stream = stream;
      this.output = output;
    }

    @Override
    public long getPos() throws IOException {
      return stream.getPos();
    }

    @Override
    public void write(int value) throws IOException {
      stream.write(value);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      stream.write(bytes, offset, length);
    }

    @Override
    public void flush() throws IOException {
      stream.flush();
    }

    @Override
    public void close() throws IOException {
      closed = true;
      stream.close();
    }

    @Override
    public void abort() {
      if (closed) {
        return;
      }
      try {
        close();
        output.store().deleteFile(output.location());
      } catch (IOException | RuntimeException e) {
        org.slf4j.LoggerFactory.getLogger(StreamStore.class)
            .warn("Cannot remove unfinished file {}", output.location(), e);
      }
    }
  }
}
