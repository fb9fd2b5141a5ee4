package dev.firn.scan;

import dev.firn.format.parquet.read.ParquetReader;
import java.util.function.Function;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.dictionary.DictionaryProvider;

/** The batches of a Parquet file. Owns the reader. */
final class ParquetBatches implements BatchCursor {
  private final ParquetReader reader;
  private final Function<RuntimeException, RuntimeException> failures;

  /** {@code failures} gives what to throw for what the reader throws. */
  ParquetBatches(ParquetReader reader, Function<RuntimeException, RuntimeException> failures) {
    this.reader = reader;
    this.failures = failures;
  }

  /** Waits for the footer. */
  void open() {
    try {
      VectorSchemaRoot unused = reader.root();
    } catch (RuntimeException e) {
      throw failures.apply(e);
    }
  }

  /** See {@link ParquetReader#prefetch}. */
  void prefetch(long bytes) {
    reader.prefetch(bytes);
  }

  /** See {@link ParquetReader#memory}. */
  long memory() {
    return reader.memory();
  }

  /** See {@link ParquetReader#answersLater}. */
  boolean answersLater() {
    return reader.answersLater();
  }

  @Override
  public boolean next() {
    try {
      return reader.next();
    } catch (RuntimeException e) {
      throw failures.apply(e);
    }
  }

  @Override
  public VectorSchemaRoot root() {
    return reader.root();
  }

  @Override
  public DictionaryProvider dictionaries() {
    return reader.dictionaries();
  }

  @Override
  public void close() {
    reader.close();
  }
}
