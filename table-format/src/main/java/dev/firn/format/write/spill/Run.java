package dev.firn.format.write.spill;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorLoader;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.VectorUnloader;
import org.apache.arrow.vector.ipc.message.ArrowFieldNode;
import org.apache.arrow.vector.ipc.message.ArrowRecordBatch;
import org.apache.arrow.vector.types.pojo.Schema;

/**
 * A sorted run in a temporary file of its own: blocks of rows, written once, then read in order.
 * Confined to one thread; owns the file, which is gone when the run is closed or the process dies.
 *
 * <p>A block is, in native byte order: the length of its head, that of its body; the head: counts
 * of rows, of partition spans, of vectors and of buffers, then the spans (partition, rows), the
 * vectors (length, nulls) and the buffers' sizes; the body: the Arrow buffers, each padded to 8
 * bytes.
 */
final class Run implements AutoCloseable {
  private static final int LENGTHS = 12;

  private final FileChannel file;
  private final int level;
  private long readAt;
  private long written;

  private Run(FileChannel file, int level) {
    this.file = file;
    this.level = level;
  }

  /** {@code level} counts how often the rows were merged. */
  static Run create(Path directory, int level) throws IOException {
    Path path;
    try {
      path = Files.createTempFile(directory, "firn-run-", ".tmp");
    } catch (IOException e) {
      throw new IOException("no temporary file can be made in " + directory + ": " + e, e);
    }
    try {
      // Unlinked at once where the system can, so that not even a killed process leaves it.
      return new Run(
          FileChannel.open(
              path,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE,
              StandardOpenOption.DELETE_ON_CLOSE),
          level);
    } catch (IOException | RuntimeException e) {
      Files.deleteIfExists(path);
      throw e;
    }
  }

  int level() {
    return level;
  }

  /** The length of the file. */
  long bytes() {
    return written;
  }

  /** Adds {@code rows}, of the partitions given from index {@code from}. */
  void append(VectorSchemaRoot rows, int[] partitions, int from) throws IOException {
    try (ArrowRecordBatch batch = new VectorUnloader(rows, true, false).getRecordBatch()) {
      List<ArrowBuf> buffers = batch.getBuffers();
      long body = 0;
      for (ArrowBuf buffer : buffers) {
        body += padded(buffer.readableBytes());
      }
      writeFully(head(batch, partitions, from, body));
      for (ArrowBuf buffer : buffers) {
        long size = buffer.readableBytes();
        for (long at = 0; at < size; at += Integer.MAX_VALUE) {
          writeFully(buffer.nioBuffer(at, (int) Math.min(Integer.MAX_VALUE, size - at)));
        }
        writeFully(ByteBuffer.allocate((int) (padded(size) - size)));
      }
    }
  }

  private static long padded(long size) {
    return (size + 7) / 8 * 8;
  }

  private static ByteBuffer head(ArrowRecordBatch batch, int[] partitions, int from, long body) {
    int rows = batch.getLength();
    List<Integer> spans = new ArrayList<>();
    for (int i = 0; i < rows; ) {
      int start = i;
      int partition = partitions[from + start];
      while (i < rows && partitions[from + i] == partition) {
        i++;
      }
      spans.add(partition);
      spans.add(i - start);
    }
    int length =
        16 + 4 * spans.size() + 8 * batch.getNodes().size() + 8 * batch.getBuffers().size();
    ByteBuffer head = ByteBuffer.allocate(LENGTHS + length).order(ByteOrder.nativeOrder());
    head.putInt(length).putLong(body);
    head.putInt(rows).putInt(spans.size()).putInt(batch.getNodes().size());
    head.putInt(batch.getBuffers().size());
    spans.forEach(head::putInt);
    for (ArrowFieldNode node : batch.getNodes()) {
      head.putInt(node.getLength()).putInt(node.getNullCount());
    }
    batch.getBuffers().forEach(buffer -> head.putLong(buffer.readableBytes()));
    return head.flip();
  }

  private void writeFully(ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      written += file.write(bytes, written);
    }
  }

  private ByteBuffer readFully(ByteBuffer into) throws IOException {
    while (into.hasRemaining()) {
      int read = file.read(into, readAt);
      if (read < 0) {
        throw new EOFException("a temporary file ends early, at " + readAt);
      }
      readAt += read;
    }
    return into.flip();
  }

  boolean hasNext() {
    return readAt < written;
  }

  /** Reads the next block; its rows have the fields of {@code schema}. The caller closes it. */
  Block next(Schema schema, BufferAllocator allocator) throws IOException {
    ByteBuffer lengths = readFully(ByteBuffer.allocate(LENGTHS).order(ByteOrder.nativeOrder()));
    ByteBuffer head =
        readFully(ByteBuffer.allocate(lengths.getInt()).order(ByteOrder.nativeOrder()));
    long body = lengths.getLong();
    int rows = head.getInt();
    int[] partitions = new int[rows];
    int spans = head.getInt() / 2;
    int nodeCount = head.getInt();
    int bufferCount = head.getInt();
    for (int s = 0, at = 0; s < spans; s++) {
      int partition = head.getInt();
      int end = at + head.getInt();
      java.util.Arrays.fill(partitions, at, end, partition);
      at = end;
    }
    List<ArrowFieldNode> nodes = new ArrayList<>();
    for (int i = 0; i < nodeCount; i++) {
      nodes.add(new ArrowFieldNode(head.getInt(), head.getInt()));
    }
    long[] sizes = new long[bufferCount];
    for (int i = 0; i < bufferCount; i++) {
      sizes[i] = head.getLong();
    }
    return new Block(load(schema, allocator, rows, nodes, sizes, body), partitions);
  }

  private VectorSchemaRoot load(
      Schema schema,
      BufferAllocator allocator,
      int rows,
      List<ArrowFieldNode> nodes,
      long[] sizes,
      long body)
      throws IOException {
    VectorSchemaRoot root = VectorSchemaRoot.create(schema, allocator);
    boolean done = false;
    try (ArrowBuf bytes = allocator.buffer(body)) {
      for (long at = 0; at < body; at += Integer.MAX_VALUE) {
        readFully(bytes.nioBuffer(at, (int) Math.min(Integer.MAX_VALUE, body - at)));
      }
      List<ArrowBuf> buffers = new ArrayList<>();
      long at = 0;
      for (long size : sizes) {
        ArrowBuf buffer = bytes.slice(at, size);
        buffer.writerIndex(size);
        buffers.add(buffer);
        at += padded(size);
      }
      try (ArrowRecordBatch batch = new ArrowRecordBatch(rows, nodes, buffers)) {
        new VectorLoader(root).load(batch);
      }
      done = true;
      return root;
    } finally {
      if (!done) {
        root.close();
      }
    }
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
