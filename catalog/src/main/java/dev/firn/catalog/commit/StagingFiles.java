package dev.firn.catalog.commit;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.iceberg.inmemory.InMemoryInputFile;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.OutputFile;
import org.apache.iceberg.io.PositionOutputStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The stores as one attempt to commit sees them: it remembers what the attempt creates, so that all
 * of it can be removed, and keeps manifest lists in memory, because the next commit begins by
 * reading the last one's. Confined to one thread; borrows the stores.
 */
final class StagingFiles implements FileIO {
  private static final long serialVersionUID = 1L;
  private static final Logger LOG = LoggerFactory.getLogger(StagingFiles.class);

  private final transient FileIO stores;
  private final transient RecentFiles<byte[]> lists;
  private final transient Set<String> created = new LinkedHashSet<>();

  StagingFiles(TableStore store) {
    this.stores = store.stores();
    this.lists = store.lists();
  }

  /** Returns what was created and not deleted since, in order. */
  List<String> created() {
    return List.copyOf(created);
  }

  @Override
  public InputFile newInputFile(String location) {
    byte[] known = lists.find(location);
    return known == null ? stores.newInputFile(location) : new InMemoryInputFile(location, known);
  }

  @Override
  public InputFile newInputFile(String location, long length) {
    return lists.find(location) == null
        ? stores.newInputFile(location, length)
        : newInputFile(location);
  }

  @Override
  public OutputFile newOutputFile(String location) {
    OutputFile file = stores.newOutputFile(location);
    return new Recorded(file, isList(location) ? lists : null, created);
  }

  @Override
  public void deleteFile(String location) {
    created.remove(location);
    lists.forget(location);
    stores.deleteFile(location);
  }

  @Override
  public Map<String, String> properties() {
    return stores.properties();
  }

  /**
   * Removes files of a commit that was not applied. It does not fail: the first failure is the one
   * to tell, and what stays is found by the sweep.
   */
  void remove(List<String> locations) {
    for (String location : locations) {
      try {
        deleteFile(location);
      } catch (RuntimeException e) {
        LOG.debug("Cannot remove {} after a commit that was not applied", location, e);
      }
    }
  }

  /** As Iceberg's snapshot producers name them. */
  private static boolean isList(String location) {
    return location.startsWith("snap-", location.lastIndexOf('/') + 1);
  }

  private record Recorded(OutputFile file, @Nullable RecentFiles<byte[]> lists, Set<String> created)
      implements OutputFile {
    @Override
    public PositionOutputStream create() {
      created.add(location());
      return kept(file.create());
    }

    @Override
    public PositionOutputStream createOrOverwrite() {
      created.add(location());
      return kept(file.createOrOverwrite());
    }

    private PositionOutputStream kept(PositionOutputStream out) {
      return lists == null ? out : new KeptStream(out, location(), lists);
    }

    @Override
    public String location() {
      return file.location();
    }

    @Override
    public InputFile toInputFile() {
      return file.toInputFile();
    }
  }

  /** Puts the bytes into memory once they are safely in the store. */
  private static final class KeptStream extends PositionOutputStream {
    private final PositionOutputStream out;
    private final String location;
    private final RecentFiles<byte[]> lists;
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private boolean closed;

    KeptStream(PositionOutputStream out, String location, RecentFiles<byte[]> lists) {
      this.out = out;
      this.location = location;
      this.lists = lists;
    }

    @Override
    public long getPos() throws IOException {
      return out.getPos();
    }

    @Override
    public long storedLength() throws IOException {
      return out.storedLength();
    }

    @Override
    public void write(int b) throws IOException {
      out.write(b);
      bytes.write(b);
    }

    @Override
    public void write(byte[] source, int offset, int length) throws IOException {
      out.write(source, offset, length);
      bytes.write(source, offset, length);
    }

    @Override
    public void flush() throws IOException {
      out.flush();
    }

    @Override
    public void close() throws IOException {
      if (closed) {
        return;
      }
      closed = true;
      out.close();
      lists.put(location, bytes.toByteArray());
    }
  }
}
