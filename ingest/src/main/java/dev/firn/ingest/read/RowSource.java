package dev.firn.ingest.read;

import org.apache.iceberg.data.Record;
import org.jspecify.annotations.Nullable;

/**
 * A cursor over the rows of one input as Iceberg records of a target schema. Owns its file handles;
 * confined to one thread. Every record is a new one.
 */
public interface RowSource extends AutoCloseable {
  /**
   * Returns the next row that fits, or null at the end. Rows that do not are handed to the {@link
   * RejectHandler}.
   *
   * @throws dev.firn.error.FirnException where the file is damaged, naming the place
   */
  @Nullable Record next();

  @Override
  void close();
}
