package dev.firn.ingest.read;

import dev.firn.error.FirnException;
import dev.firn.format.arrow.ArrowRows;
import dev.firn.format.arrow.ArrowSchemas;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowFileReader;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.arrow.vector.ipc.ArrowStreamReader;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.Record;
import org.jspecify.annotations.Nullable;

/** An Arrow IPC file or stream; one record batch is held at a time. */
final class ArrowFile implements TypedFile {
  private static final byte[] MAGIC = {'A', 'R', 'R', 'O', 'W', '1'};

  private final Source source;
  private final ReadMonitor monitor;
  private final BufferAllocator allocator;
  private final ArrowReader reader;
  private final VectorSchemaRoot batch;
  private final Schema schema;
  private long bytesSeen;

  ArrowFile(Source source, BufferAllocator parent, ReadMonitor monitor) {
    this.source = source;
    this.monitor = monitor;
    this.allocator = parent.newChildAllocator("load " + source.name(), 0, Long.MAX_VALUE);
    this.reader = open();
    boolean done = false;
    try {
      batch = reader.getVectorSchemaRoot();
      schema = ArrowSchemas.fromArrow(batch.getSchema(), reader);
      done = true;
    } catch (IOException | RuntimeException e) {
      throw damaged(e);
    } finally {
      if (!done) {
        close();
      }
    }
  }

  private ArrowReader open() {
    FileChannel channel = null;
    try {
      channel = FileChannel.open(source.path(), StandardOpenOption.READ);
      return isFile(channel)
          ? new ArrowFileReader((SeekableByteChannel) channel, allocator)
          : new ArrowStreamReader(
              new BufferedInputStream(Channels.newInputStream(channel), 1 << 16), allocator);
    } catch (IOException e) {
      allocator.close();
      throw source.failed(e);
    }
  }

  private static boolean isFile(FileChannel channel) throws IOException {
    java.nio.ByteBuffer head = java.nio.ByteBuffer.allocate(MAGIC.length);
    int read = channel.read(head, 0);
    return read == MAGIC.length && java.util.Arrays.equals(head.array(), MAGIC);
  }

  private FirnException damaged(Exception e) {
    if (e instanceof FirnException known) {
      return known;
    }
    return FirnException.corrupt(
        "Cannot load %s: it is cut short or no Arrow IPC file: %s; fetch it again"
            .formatted(source.name(), e.getMessage()),
        e);
  }

  @Override
  public Schema schema() {
    return schema;
  }

  @Override
  public Iterator<Record> rows() {
    return new Rows();
  }

  private @Nullable Iterator<Record> nextBatch() {
    try {
      if (!reader.loadNextBatch()) {
        return null;
      }
      long bytes = Math.min(reader.bytesRead(), source.size());
      monitor.bytes(Math.max(0, bytes - bytesSeen));
      bytesSeen = Math.max(bytesSeen, bytes);
      return ArrowRows.rows(batch, schema, reader).iterator();
    } catch (IOException | RuntimeException e) {
      throw damaged(e);
    }
  }

  private final class Rows implements Iterator<Record> {
    private @Nullable Iterator<Record> current = Collections.emptyIterator();

    @Override
    public boolean hasNext() {
      // A batch may be empty without being the last.
      while (current != null && !current.hasNext()) {
        current = nextBatch();
      }
      return current != null;
    }

    @Override
    public Record next() {
      if (!hasNext() || current == null) {
        throw new NoSuchElementException();
      }
      return current.next();
    }
  }

  @Override
  public void close() {
    try {
      reader.close();
    } catch (IOException e) {
      throw source.failed(e);
    } finally {
      allocator.close();
    }
  }
}
