package dev.firn.keyindex;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A local file that a run is in. Its mappings end with the garbage collection of their buffers, its
 * bytes on disk with {@link #close()}: nobody may read the buffers then.
 */
record RunFile(Path path, FileChannel channel) implements AutoCloseable {
  /** Appends what remains in {@code bytes}, and maps it. */
  ByteBuffer append(ByteBuffer bytes) {
    try {
      long start = channel.size();
      long length = bytes.remaining();
      long at = start;
      while (bytes.hasRemaining()) {
        at += channel.write(bytes, at);
      }
      return channel
          .map(FileChannel.MapMode.READ_ONLY, start, length)
          .order(ByteOrder.LITTLE_ENDIAN);
    } catch (IOException e) {
      throw RunMemory.failed(e);
    }
  }

  @Override
  public void close() {
    try (channel) {
      channel.truncate(0);
    } catch (IOException e) {
      throw RunMemory.failed(e);
    } finally {
      delete();
    }
  }

  private void delete() {
    try {
      Files.deleteIfExists(path);
    } catch (IOException e) {
      throw RunMemory.failed(e);
    }
  }
}
