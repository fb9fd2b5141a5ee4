package dev.firn.format.write;

import java.io.IOException;
import org.apache.iceberg.PartitionKey;
import org.apache.iceberg.data.Record;

/** The way from rows to files, in bounded memory. Confined to one thread. */
sealed interface RowFlow permits UnsortedFlow, SortedFlow {
  /** Takes a row that holds about {@code bytes}; {@code partition} is copied if it is kept. */
  void add(PartitionKey partition, Record row, long bytes) throws IOException;

  /** Writes what is held and finishes every file. */
  void finish() throws IOException;

  /** Bytes not yet in finished files, as they will be in files: an estimate. */
  long pendingBytes();

  /** Closes what is open, its content being of no more use. */
  void abandon();
}
