package dev.firn.ingest.read;

import java.util.Iterator;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.Record;

/**
 * An open file that brings its own schema, with a cursor over its rows in that schema. Owns the
 * file; confined to one thread.
 */
interface TypedFile extends AutoCloseable {
  /** Returns the file's own columns. */
  Schema schema();

  /** Returns the rows; may be asked for once. Throws unchecked what the file's library throws. */
  Iterator<Record> rows();

  @Override
  void close();
}
