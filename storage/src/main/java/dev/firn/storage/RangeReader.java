package dev.firn.storage;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.apache.iceberg.io.InputFile;

/** Positioned reads of one file. Thread-safe. Owns its stream. */
public interface RangeReader extends Closeable {
  /** Opens any file: a local one through its channel, another through positioned or sequential stream reads. */
  static RangeReader open(InputFile file) {
    throw new UnsupportedOperationException("SKELETON");
  }

  /** The file's length in bytes. */
  long length();

  /** Fills {@code target} from {@code position} of the file; an {@code EOFException} where the file is too short. */
  void readFully(long position, ByteBuffer target) throws IOException;
}
