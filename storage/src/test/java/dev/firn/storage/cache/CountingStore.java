package dev.firn.storage.cache;

import dev.firn.storage.ByteRange;
import dev.firn.storage.RangeReader;
import dev.firn.storage.RangedInputFile;
import dev.firn.storage.Store;
import dev.firn.storage.StoreCounts;
import dev.firn.storage.StoreMeter;
import dev.firn.storage.StoreMeter.Event;
import dev.firn.storage.StoreOutputFile;
import dev.firn.storage.StoreOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.iceberg.exceptions.AlreadyExistsException;
import org.apache.iceberg.exceptions.NotFoundException;
import org.apache.iceberg.io.FileInfo;
import org.apache.iceberg.io.SeekableInputStream;
import org.jspecify.annotations.Nullable;

/**
 * A store in memory that counts requests as an object store would be sent them: a stream is one, a
 * batch of ranges one each. Thread-safe.
 */
final class CountingStore implements Store {
  private static final long serialVersionUID = 1L;

  final transient Map<String, byte[]> files = new ConcurrentHashMap<>();
  final transient StoreMeter meter = new StoreMeter();

  /** The locations of all requests for bytes, as {@code location[from, to)}. */
  final transient List<String> asked = new CopyOnWriteArrayList<>();

  transient volatile @Nullable IOException failure;
  transient volatile boolean closeFails;

  @Override
  public RangedInputFile newInputFile(String location) {
    return new Input(location, -1);
  }

  @Override
  public RangedInputFile newInputFile(String location, long length) {
    return new Input(location, length);
  }

  @Override
  public StoreOutputFile newOutputFile(String location) {
    return new Output(location);
  }

  @Override
  public void deleteFile(String location) {
    meter.add(Event.DELETE);
    files.remove(location);
  }

  @Override
  public void deleteFiles(Iterable<String> locations) {
    meter.add(Event.DELETE);
    locations.forEach(files::remove);
  }

  @Override
  public Iterable<FileInfo> listPrefix(String prefix) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void deletePrefix(String prefix) {
    files.keySet().removeIf(location -> location.startsWith(prefix));
  }

  @Override
  public Map<String, String> properties() {
    return Map.of();
  }

  @Override
  public StoreCounts counts() {
    return meter.counts();
  }

  private byte[] bytes(String location, long from, long to) throws IOException {
    meter.add(Event.READ);
    byte[] bytes = present(location);
    asked.add("%s[%d, %d)".formatted(location, from, to));
    IOException broken = failure;
    if (broken != null) {
      throw broken;
    }
    return bytes;
  }

  private byte[] present(String location) {
    byte[] bytes = files.get(location);
    if (bytes == null) {
      throw new NotFoundException("File does not exist: %s", location);
    }
    return bytes;
  }

  private final class Input implements RangedInputFile {
    private final String location;
    private final long length;

    Input(String location, long length) {
      this.location = location;
      this.length = length;
    }

    @Override
    public long getLength() {
      if (length >= 0) {
        return length;
      }
      meter.add(Event.HEAD);
      return present(location).length;
    }

    @Override
    public SeekableInputStream newStream() {
      try {
        return new BytesInputStream(location, bytes(location, 0, -1));
      } catch (IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
    }

    @Override
    public RangeReader openRanges() {
      return new Ranges(this);
    }

    @Override
    public String location() {
      return location;
    }

    @Override
    public boolean exists() {
      meter.add(Event.HEAD);
      return files.containsKey(location);
    }
  }

  private final class Ranges implements RangeReader {
    private final Input file;

    Ranges(Input file) {
      this.file = file;
    }

    @Override
    public long length() {
      return file.getLength();
    }

    @Override
    public void readFully(long position, ByteBuffer target) throws IOException {
      int count = target.remaining();
      byte[] bytes = bytes(file.location(), position, position + count);
      if (position + count > bytes.length) {
        throw new EOFException("ends early");
      }
      target.put(bytes, (int) position, count);
    }

    @Override
    public CompletableFuture<Void> readAll(List<ByteRange> ranges) {
      return CompletableFuture.runAsync(
          () -> {
            for (ByteRange range : ranges) {
              try {
                readFully(range.position(), range.target());
              } catch (IOException e) {
                throw new java.util.concurrent.CompletionException(e);
              }
            }
          },
          task -> new Thread(task).start());
    }

    @Override
    public void close() {}
  }

  private final class Output implements StoreOutputFile {
    private final String location;

    Output(String location) {
      this.location = location;
    }

    @Override
    public StoreOutputStream create() {
      return new Stream(location, false);
    }

    @Override
    public StoreOutputStream createOrOverwrite() {
      return new Stream(location, true);
    }

    @Override
    public RangedInputFile toInputFile() {
      return newInputFile(location);
    }

    @Override
    public String location() {
      return location;
    }
  }

  private final class Stream extends StoreOutputStream {
    private final String location;
    private final boolean overwrites;
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private boolean ended;

    Stream(String location, boolean overwrites) {
      this.location = location;
      this.overwrites = overwrites;
    }

    @Override
    public long getPos() {
      return out.size();
    }

    @Override
    public void write(int value) {
      out.write(value);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
      out.write(bytes, offset, length);
    }

    @Override
    public void close() throws IOException {
      if (ended) {
        return;
      }
      ended = true;
      meter.add(Event.WRITE);
      if (closeFails) {
        throw new IOException("no answer");
      }
      if (overwrites) {
        files.put(location, out.toByteArray());
      } else if (files.putIfAbsent(location, out.toByteArray()) != null) {
        throw new AlreadyExistsException("File exists: %s", location);
      }
    }

    @Override
    public void abort() {
      ended = true;
    }
  }
}
