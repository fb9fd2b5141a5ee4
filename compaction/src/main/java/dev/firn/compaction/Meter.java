package dev.firn.compaction;

import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.io.FileIO;

/** A counter of rows and input bytes that tells a listener now and then. Confined to one thread. */
final class Meter {
  private static final int ROWS_BETWEEN_UPDATES = 4096;

  private final FileIO io;
  private final CompactionProgress listener;
  private final long bytesTotal;
  private long bytesDone;
  private long rows;
  private long rowsTold;
  private long fileBytes;
  private long fileRows;
  private long rowsOfFile;

  Meter(FileIO io, CompactionProgress listener, long bytesTotal) {
    this.io = io;
    this.listener = listener;
    this.bytesTotal = bytesTotal;
  }

  FileIO io() {
    return io;
  }

  void begin(FileScanTask source) {
    fileBytes = source.file().fileSizeInBytes();
    fileRows = Math.max(1, source.file().recordCount());
    rowsOfFile = 0;
  }

  /** Counts a batch. */
  void rows(int count) {
    rows += count;
    rowsOfFile += count;
    if (rows - rowsTold >= ROWS_BETWEEN_UPDATES) {
      long ofFile = (long) ((double) fileBytes * Math.min(rowsOfFile, fileRows) / fileRows);
      tell(bytesDone + ofFile);
    }
  }

  void end() {
    bytesDone += fileBytes;
    tell(bytesDone);
  }

  /** Files read a second time count once. */
  private void tell(long bytes) {
    rowsTold = rows;
    listener.update(Math.min(bytes, bytesTotal), bytesTotal, rows);
  }
}
