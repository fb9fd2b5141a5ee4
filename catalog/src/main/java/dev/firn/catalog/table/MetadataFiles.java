package dev.firn.catalog.table;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import org.apache.iceberg.exceptions.NotFoundException;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.OutputFile;
import org.apache.iceberg.io.SeekableInputStream;

/**
 * The stores as the operations of tables and views see them: a {@code .metadata.json} that was cut
 * short, emptied or overwritten fails at once. Iceberg reads damaged metadata twenty times, over a
 * minute and a half, before it gives up, except where the file is not found. Thread-safe; borrows
 * the stores.
 */
public final class MetadataFiles implements FileIO {
  private static final long serialVersionUID = 1L;

  private final FileIO stores;

  public MetadataFiles(FileIO stores) {
    this.stores = stores;
  }

  public FileIO stores() {
    return stores;
  }

  @Override
  public InputFile newInputFile(String location) {
    InputFile file = stores.newInputFile(location);
    return location.endsWith(".metadata.json") || location.endsWith(".metadata.json.gz")
        ? new WholeFile(file)
        : file;
  }

  @Override
  public OutputFile newOutputFile(String location) {
    return stores.newOutputFile(location);
  }

  @Override
  public void deleteFile(String location) {
    stores.deleteFile(location);
  }

  @Override
  public Map<String, String> properties() {
    return stores.properties();
  }

  @Override
  public void close() {
    stores.close();
  }

  /** Not found, as far as Iceberg's retries are concerned. */
  private static final class DamagedException extends NotFoundException {
    private static final long serialVersionUID = 1L;

    DamagedException(String location, int length) {
      super(
          "Metadata file is damaged: it is no whole JSON object (%s bytes) [%s]", length, location);
    }
  }

  private record WholeFile(InputFile file) implements InputFile {
    @Override
    public long getLength() {
      return file.getLength();
    }

    @Override
    public SeekableInputStream newStream() {
      byte[] bytes;
      try (InputStream in = file.newStream()) {
        bytes = in.readAllBytes();
      } catch (IOException e) {
        throw new UncheckedIOException("Cannot read " + location(), e);
      }
      byte[] json = isCompressed() ? decompressed(bytes) : bytes;
      if (edge(json, 0, 1) != '{' || edge(json, json.length - 1, -1) != '}') {
        throw new DamagedException(location(), bytes.length);
      }
      return new Bytes(bytes);
    }

    /** Iceberg has put {@code .gz} before the other suffix, and after it. */
    private boolean isCompressed() {
      return location().endsWith(".gz.metadata.json") || location().endsWith(".gz");
    }

    private byte[] decompressed(byte[] bytes) {
      try (InputStream in = new GZIPInputStream(new ByteArrayInputStream(bytes))) {
        return in.readAllBytes();
      } catch (IOException e) {
        throw new DamagedException(location(), bytes.length);
      }
    }

    @Override
    public String location() {
      return file.location();
    }

    @Override
    public boolean exists() {
      return file.exists();
    }

    /** Returns the first byte from one end that is no white space, or -1. */
    private static int edge(byte[] bytes, int from, int step) {
      for (int i = from; i >= 0 && i < bytes.length; i += step) {
        if (!Character.isWhitespace(bytes[i])) {
          return bytes[i];
        }
      }
      return -1;
    }
  }

  /** A file in memory. */
  private static final class Bytes extends SeekableInputStream {
    private final byte[] bytes;
    private ByteArrayInputStream in;

    Bytes(byte[] bytes) {
      this.bytes = bytes;
      this.in = new ByteArrayInputStream(bytes);
    }

    @Override
    public long getPos() {
      return (long) bytes.length - in.available();
    }

    @Override
    public void seek(long position) {
      in = new ByteArrayInputStream(bytes, Math.toIntExact(position), bytes.length);
    }

    @Override
    public int read() {
      return in.read();
    }

    @Override
    public int read(byte[] target, int offset, int length) {
      return in.read(target, offset, length);
    }
  }
}
