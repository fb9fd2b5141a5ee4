package dev.firn.format.write;

import java.io.IOException;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.io.DataWriter;

/** One data file being written, and what it holds in memory. Confined to one thread. */
final class OpenFile {
  private static final int ROWS_BETWEEN_MEASURES = 1000;

  private final DataWriter<Record> writer;
  private final CountedOutput output;
  private final long overhead;
  private final long bytesBetweenMeasures;
  private long length;
  private long unmeasuredRows;
  private long unmeasuredBytes;

  /** {@code overhead} is what an empty writer holds; {@code target} the file size aimed at. */
  OpenFile(DataWriter<Record> writer, CountedOutput output, long overhead, long target) {
    this.writer = writer;
    this.output = output;
    this.overhead = overhead;
    this.bytesBetweenMeasures = Math.max(4096, Math.min(1 << 20, target / 8));
  }

  /** Adds a row that holds about {@code bytes}; returns whether the length was measured anew. */
  boolean add(Record row, long bytes) {
    writer.write(row);
    unmeasuredRows++;
    unmeasuredBytes += bytes;
    if (unmeasuredRows < ROWS_BETWEEN_MEASURES && unmeasuredBytes < bytesBetweenMeasures) {
      return false;
    }
    length = writer.length();
    unmeasuredRows = 0;
    unmeasuredBytes = 0;
    return true;
  }

  /** The file's length so far, an estimate. */
  long length() {
    return length + unmeasuredBytes / 4;
  }

  /** Bytes held in memory, an estimate. */
  long buffered() {
    return overhead + Math.max(0, length - output.flushed()) + unmeasuredBytes / 2;
  }

  DataFile finish() throws IOException {
    writer.close();
    return writer.toDataFile();
  }

  void abandon() throws IOException {
    writer.close();
  }
}
