package dev.firn.keyindex;

import dev.firn.storage.DirectExecutor;
import java.nio.file.Path;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * What a key index may use. Immutable.
 *
 * @param memoryBytes what its entries take of the heap at most, where a half more may be taken
 *     while files are read; what does not fit is in memory-mapped local files
 * @param directory where those files are, in a directory of their own that is removed on closing;
 *     null: the system's directory for temporary files
 * @param executor where files are read; borrowed, and must outlive the index
 * @param threads how many of its threads may read at once; 0 reads in the caller's thread
 */
public record KeyIndexOptions(
    long memoryBytes, @Nullable Path directory, Executor executor, int threads) {
  private static final long LEAST_BYTES = 1 << 20;

  public KeyIndexOptions {
    if (memoryBytes < 0 || threads < 0) {
      throw new IllegalArgumentException(
          "memoryBytes and threads must not be negative: " + memoryBytes + ", " + threads);
    }
  }

  /** An eighth of the heap, the system's temporary directory, the caller's thread. */
  public static KeyIndexOptions defaults() {
    long eighth = Runtime.getRuntime().maxMemory() / 8;
    return new KeyIndexOptions(Math.max(LEAST_BYTES, eighth), null, DirectExecutor.INSTANCE, 0);
  }

  /** The same with another bound of memory. */
  public KeyIndexOptions withMemoryBytes(long bytes) {
    return new KeyIndexOptions(bytes, directory, executor, threads);
  }

  /** The same with another directory. */
  public KeyIndexOptions withDirectory(Path path) {
    return new KeyIndexOptions(memoryBytes, path, executor, threads);
  }

  /** The same with other threads. */
  public KeyIndexOptions withThreads(Executor other, int count) {
    return new KeyIndexOptions(memoryBytes, directory, other, count);
  }
}
