package dev.firn.format.write;

import java.io.IOException;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.iceberg.DataFile;

/** One data file being written. Confined to one thread. */
sealed interface OpenFile permits ParquetFile, RecordFile {
  /** Adds rows, which are not referenced afterwards. */
  void write(VectorSchemaRoot rows, int from, int count) throws IOException;

  String location();

  /** Rows added so far. */
  long rows();

  /** The length that the file would have if it were finished now, about. */
  long length();

  /** Bytes held in memory. */
  long memory();

  /** Writes out what can be written, so that less is held. */
  void shed() throws IOException;

  /** Closes the file. */
  DataFile finish() throws IOException;

  /** Closes the file, whose content is of no more use. */
  void abandon() throws IOException;
}
