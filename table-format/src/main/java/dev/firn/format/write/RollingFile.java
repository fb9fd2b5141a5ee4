package dev.firn.format.write;

import java.io.IOException;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.iceberg.PartitionKey;
import org.jspecify.annotations.Nullable;

/**
 * The files of one partition, one after another, each of the target size. Confined to one thread.
 *
 * <p>How it works: the writer's estimate of its length may count pages that will be compressed. So
 * where it nears the target, the row group is ended, which makes the length exact: enough, and the
 * file is finished; too little, and it goes on. Between looks at the length at most half of what is
 * missing is added, so that data that changes is noticed in time.
 */
final class RollingFile {
  // Rows are worth a look at the length from a hundredth of the target on.
  private static final int LOOKS = 128;
  private static final int MOST_ROWS = 1 << 16;
  private static final double ENOUGH = 0.97;

  private final FileSink sink;
  private final PartitionKey partition;
  private @Nullable OpenFile file;

  RollingFile(FileSink sink, PartitionKey partition) {
    this.sink = sink;
    this.partition = partition;
  }

  /** Adds rows; {@code after} is told after each of the pieces that they are written in. */
  void write(VectorSchemaRoot rows, int from, int count, Relief after) throws IOException {
    for (int done = 0; done < count; ) {
      OpenFile current = file;
      if (current == null) {
        current = sink.open(partition);
        file = current;
      }
      int piece = Math.min(count - done, piece(current, rows));
      current.write(rows, from + done, piece);
      sink.written(current, rows, from + done, piece);
      done += piece;
      if (nearTarget(current.length())) {
        shed();
        if (current.length() >= ENOUGH * sink.targetBytes()) {
          finish();
        }
      }
      after.relieve();
    }
  }

  /** Lowers what open files hold, where it is too much. */
  interface Relief {
    void relieve() throws IOException;
  }

  private boolean nearTarget(long length) {
    return length >= sink.targetBytes() - sink.targetBytes() / LOOKS;
  }

  private int piece(OpenFile current, VectorSchemaRoot rows) {
    long target = sink.targetBytes();
    long length = current.length();
    double perRow =
        current.rows() == 0
            ? (double) bytes(rows) / Math.max(1, rows.getRowCount())
            : (double) length / current.rows();
    double left = Math.max(0, target - length) / Math.max(perRow, 1e-3);
    double least = target / Math.max(perRow, 1e-3) / LOOKS;
    return (int) Math.max(1, Math.min(MOST_ROWS, Math.max(left / 2, least)));
  }

  private static long bytes(VectorSchemaRoot rows) {
    long bytes = 0;
    for (FieldVector vector : rows.getFieldVectors()) {
      bytes += vector.getBufferSize();
    }
    return bytes;
  }

  /** The length of the file that is open, about. */
  long length() {
    OpenFile current = file;
    return current == null ? 0 : current.length();
  }

  /** Bytes held in memory. */
  long memory() {
    OpenFile current = file;
    return current == null ? 0 : current.memory();
  }

  /** Lets the open file write out what it can. */
  void shed() throws IOException {
    OpenFile current = file;
    if (current != null) {
      current.shed();
    }
  }

  /** Completes the file that is open, if any; more rows begin another. */
  void finish() throws IOException {
    OpenFile current = file;
    file = null;
    if (current != null) {
      sink.finish(current);
    }
  }

  void abandon() {
    OpenFile current = file;
    file = null;
    if (current != null) {
      WrittenFiles.abandon(current);
    }
  }
}
