package dev.firn.bench.scan;

import dev.firn.bench.measure.Digest;
import dev.firn.bench.measure.Side;

/** One side's reader of tables. */
interface TableReader extends AutoCloseable {
  /** Reads all that the query asks for, and lets go of it. */
  Side side(Query query);

  /** Reads the same, untimed, to tell what was read. */
  Digest digest(Query query) throws Exception;

  @Override
  void close();
}
