package dev.firn.upsert;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorLoader;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.VectorUnloader;
import org.apache.arrow.vector.ipc.ArrowStreamReader;
import org.apache.arrow.vector.ipc.ArrowStreamWriter;
import org.apache.arrow.vector.ipc.message.ArrowRecordBatch;
import org.apache.arrow.vector.types.pojo.Schema;

/**
 * Keys in a temporary file, an Arrow stream: those of a chunk that waits for its commit. Owns the
 * file until it is closed.
 */
final class KeySpool implements AutoCloseable {
  private final Path file;
  private final BufferAllocator allocator;

  private KeySpool(Path file, BufferAllocator allocator) {
    this.file = file;
    this.allocator = allocator;
  }

  static KeySpool write(ChangeLog log, Schema schema, BufferAllocator allocator) {
    try {
      KeySpool spool = new KeySpool(Files.createTempFile("firn-upsert", ".keys"), allocator);
      boolean done = false;
      try {
        spool.fill(log, schema);
        done = true;
      } finally {
        if (!done) {
          spool.close();
        }
      }
      return spool;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void fill(ChangeLog log, Schema schema) throws IOException {
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file));
        VectorSchemaRoot batch = VectorSchemaRoot.create(schema, allocator);
        ArrowStreamWriter writer = new ArrowStreamWriter(batch, null, out)) {
      writer.start();
      VectorLoader loader = new VectorLoader(batch);
      log.endedKeys(
          keys -> {
            try (ArrowRecordBatch shared = new VectorUnloader(keys).getRecordBatch()) {
              loader.load(shared);
              writer.writeBatch();
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          });
      writer.end();
    }
  }

  void forEach(Consumer<VectorSchemaRoot> to) {
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file));
        ArrowStreamReader reader = new ArrowStreamReader(in, allocator)) {
      while (reader.loadNextBatch()) {
        to.accept(reader.getVectorSchemaRoot());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      // The system's directory for temporary files is cleaned by the system.
      file.toFile().deleteOnExit();
    }
  }
}
