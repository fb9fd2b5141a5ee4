package dev.firn.upsert;

import java.util.List;
import java.util.function.Consumer;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.iceberg.DataFile;

/**
 * Changes of a batch whose rows are written. Of the keys that it ends, all rows go that were in the
 * table before the batch, or came with an earlier chunk.
 *
 * @param files the rows that came with it
 */
record Chunk(List<DataFile> files, Keys endedKeys) {
  /** Keys, each once. */
  interface Keys {
    /** Gives all of them, in batches valid during the call. */
    void forEach(Consumer<VectorSchemaRoot> to);
  }

  static final Keys NO_KEYS = to -> {};
}
