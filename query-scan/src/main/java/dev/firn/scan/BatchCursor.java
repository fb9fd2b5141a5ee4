package dev.firn.scan;

import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.dictionary.DictionaryProvider;

/**
 * Arrow batches, one at a time: a cursor. Confined to one thread. Owns its batches; one is valid
 * until the next {@link #next()} or {@link #close()}. Its vectors may be transferred away: then
 * they are the taker's.
 */
public interface BatchCursor extends AutoCloseable {
  /** Loads the next batch, never an empty one; false at the end. */
  boolean next();

  /** The current batch, in a root that may be another after {@link #next()}. */
  VectorSchemaRoot root();

  /** The dictionaries of columns that are indices into one; none where no column is. */
  default DictionaryProvider dictionaries() {
    return new DictionaryProvider.MapDictionaryProvider();
  }

  /** Again closing does nothing. */
  @Override
  void close();
}
