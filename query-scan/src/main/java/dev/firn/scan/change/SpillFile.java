package dev.firn.scan.change;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorLoader;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.VectorUnloader;
import org.apache.arrow.vector.ipc.ReadChannel;
import org.apache.arrow.vector.ipc.WriteChannel;
import org.apache.arrow.vector.ipc.message.ArrowRecordBatch;
import org.apache.arrow.vector.ipc.message.MessageSerializer;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;

/**
 * Batches of one schema in a temporary file: written, then read once in the same order. Confined to
 * one thread; owns the file, which is gone when it is closed or the process dies.
 */
final class SpillFile implements AutoCloseable {
  private final FileChannel file;
  private final WriteChannel out;
  private @Nullable ReadChannel in;
  private long left;
  private long bytes;

  private SpillFile(FileChannel file) {
    this.file = file;
    this.out = new WriteChannel(file);
  }

  static SpillFile create(Path directory) {
    try {
      Path path = Files.createTempFile(directory, "firn-changes-", ".tmp");
      try {
        return new SpillFile(
            FileChannel.open(
                path,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE,
                StandardOpenOption.DELETE_ON_CLOSE));
      } catch (IOException | RuntimeException e) {
        Files.deleteIfExists(path);
        throw e;
      }
    } catch (IOException e) {
      throw new UncheckedIOException("no temporary file can be made in " + directory, e);
    }
  }

  /** Bytes of memory that the batches took. */
  long bytes() {
    return bytes;
  }

  void write(VectorSchemaRoot rows) {
    try (ArrowRecordBatch batch = new VectorUnloader(rows).getRecordBatch()) {
      bytes += batch.computeBodyLength();
      MessageSerializer.serialize(out, batch);
      left++;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write a temporary file", e);
    }
  }

  /** Reads the next batch, which is the caller's to close; null at the end. */
  @Nullable VectorSchemaRoot read(Schema schema, BufferAllocator allocator) {
    if (left == 0) {
      return null;
    }
    try {
      ReadChannel from = in;
      if (from == null) {
        from = new ReadChannel(file.position(0));
        in = from;
      }
      VectorSchemaRoot root = VectorSchemaRoot.create(schema, allocator);
      boolean done = false;
      try (ArrowRecordBatch batch =
          (ArrowRecordBatch) MessageSerializer.deserializeMessageBatch(from, allocator)) {
        new VectorLoader(root).load(batch);
        left--;
        done = true;
        return root;
      } finally {
        if (!done) {
          root.close();
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read a temporary file", e);
    }
  }

  @Override
  public void close() {
    try {
      file.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
