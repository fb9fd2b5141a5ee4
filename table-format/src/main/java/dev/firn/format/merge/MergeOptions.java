package dev.firn.format.merge;

import dev.firn.format.write.FileRegistrar;
import java.util.concurrent.Executor;
import org.apache.arrow.memory.BufferAllocator;

/**
 * How files are merged. Immutable.
 *
 * @param fileBytes how large the files that come out should be
 * @param allocator where memory comes from, through a child that is closed in the end
 * @param executor works beside the calling thread; not closed
 * @param threads how many threads of it are used at most; 0: none
 * @param registrar is told of each file before it is created
 */
public record MergeOptions(
    long fileBytes,
    BufferAllocator allocator,
    Executor executor,
    int threads,
    FileRegistrar registrar) {
  public MergeOptions {
    if (fileBytes <= 0) {
      throw new IllegalArgumentException("fileBytes: expected 1 or more, got " + fileBytes);
    }
  }

  /** On the calling thread alone, without account of files. */
  public MergeOptions(long fileBytes, BufferAllocator allocator) {
    this(fileBytes, allocator, Runnable::run, 0, FileRegistrar.NONE);
  }
}
