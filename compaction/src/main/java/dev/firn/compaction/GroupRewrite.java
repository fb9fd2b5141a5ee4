package dev.firn.compaction;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import dev.firn.format.write.DataWriter;
import dev.firn.scan.BatchCursor;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.FileScanTask;

/**
 * Files of one group, as read at one snapshot with the deletes of that moment, and the files that
 * their live rows were written to, at most about {@code fileBytes} each. Immutable.
 */
record GroupRewrite(List<FileScanTask> sources, List<DataFile> outputs, long rows, long fileBytes) {

  /** Reads every live row of the sources and writes it. Leaves no file behind where it fails. */
  static GroupRewrite write(
      List<FileScanTask> sources,
      Function<FileScanTask, BatchCursor> reader,
      DataWriter writer,
      long fileBytes,
      Meter meter) {
    try (writer) {
      for (FileScanTask source : sources) {
        meter.begin(source);
        long rows = copy(source, reader, writer, meter);
        check(source, rows);
        meter.end();
      }
      long rows = writer.rows();
      List<DataFile> outputs = List.copyOf(writer.complete());
      long written = outputs.stream().mapToLong(DataFile::recordCount).sum();
      if (written != rows) {
        ExpiredFiles.delete(meter.io(), outputs.stream().map(DataFile::location).toList());
        throw corrupt(sources.get(0), "rows written", Long.toString(rows), written);
      }
      return new GroupRewrite(sources, outputs, rows, fileBytes);
    }
  }

  private static long copy(
      FileScanTask source,
      Function<FileScanTask, BatchCursor> reader,
      DataWriter writer,
      Meter meter) {
    long rows = 0;
    try (BatchCursor live = reader.apply(source)) {
      while (live.next()) {
        VectorSchemaRoot batch = live.root();
        writer.write(batch);
        rows += batch.getRowCount();
        meter.rows(batch.getRowCount());
      }
    }
    return rows;
  }

  /** The count of live rows is known exactly where only deletion vectors apply. */
  private static void check(FileScanTask source, long rows) {
    long stored = source.file().recordCount();
    long deleted = 0;
    boolean exact = true;
    for (DeleteFile delete : source.deletes()) {
      exact &= delete.format() == FileFormat.PUFFIN;
      deleted += delete.recordCount();
    }
    if (exact ? rows != stored - deleted : rows > stored) {
      throw corrupt(
          source, "live rows", (exact ? "" : "at most ") + (stored - (exact ? deleted : 0)), rows);
    }
  }

  private static FirnException corrupt(
      FileScanTask source, String what, String expected, long actual) {
    return new FirnException(
        ErrorKind.CORRUPT,
        "Cannot compact: the count of "
            + what
            + " is wrong, expected "
            + expected
            + ", got "
            + actual
            + "; nothing was committed ["
            + source.file().location()
            + "]");
  }

  /** Whether every source is still live, under the same deletes. */
  boolean isCurrent(Map<String, FileScanTask> live) {
    for (FileScanTask source : sources) {
      FileScanTask now = live.get(source.file().location());
      if (now == null || !deletes(now).equals(deletes(source))) {
        return false;
      }
    }
    return true;
  }

  private static Set<String> deletes(FileScanTask task) {
    Set<String> deletes = new HashSet<>();
    for (DeleteFile delete : task.deletes()) {
      deletes.add(delete.location() + "#" + delete.contentOffset());
    }
    return deletes;
  }
}
