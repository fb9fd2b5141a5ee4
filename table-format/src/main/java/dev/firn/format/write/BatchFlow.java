package dev.firn.format.write;

import java.io.IOException;
import org.apache.arrow.vector.VectorSchemaRoot;

/** The way from batches to files, in bounded memory. Confined to one thread. */
sealed interface BatchFlow permits StreamFlow, WaitingFlow {
  /** Takes the rows, which are not referenced afterwards. */
  void add(VectorSchemaRoot rows) throws IOException;

  /** Writes what is held and finishes every file. */
  void finish() throws IOException;

  /** Bytes not yet in finished files, as they will be in files: an estimate. */
  long pendingBytes();

  /** Closes what is open, its content being of no more use, and releases all memory. */
  void abandon();
}
