package dev.firn.bench.write;

import dev.firn.bench.measure.Digest;
import dev.firn.bench.measure.Stopwatch;
import java.nio.file.Path;

/** One side's writer of Parquet files. */
interface FileWriter extends AutoCloseable {
  /** Writes all rows of the data set to a file that does not exist; what that takes is timed. */
  void write(Path file, Stopwatch watch) throws Exception;

  /** What a file holds, read by this side's own reader. */
  Digest digest(Path file) throws Exception;

  @Override
  void close();
}
