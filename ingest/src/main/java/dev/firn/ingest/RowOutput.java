package dev.firn.ingest;

import dev.firn.RowWriter;

/**
 * One table's rows of a load. Closed without {@link #commit()}, nothing is left. Confined to one
 * thread.
 *
 * @param writer where the rows go; owned
 * @param committing what makes them count
 */
record RowOutput(RowWriter writer, Runnable committing) implements AutoCloseable {
  void commit() {
    committing.run();
  }

  @Override
  public void close() {
    writer.close();
  }
}
