package dev.firn.compaction;

import java.util.List;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileContent;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.expressions.Expression;

/** A task as it were without its equality deletes. */
record PositionDeletesOnly(FileScanTask task) implements FileScanTask {
  @Override
  public List<DeleteFile> deletes() {
    return task.deletes().stream()
        .filter(file -> file.content() == FileContent.POSITION_DELETES)
        .toList();
  }

  @Override
  public DataFile file() {
    return task.file();
  }

  @Override
  public PartitionSpec spec() {
    return task.spec();
  }

  @Override
  public long start() {
    return task.start();
  }

  @Override
  public long length() {
    return task.length();
  }

  @Override
  public Expression residual() {
    return task.residual();
  }

  @Override
  public Iterable<FileScanTask> split(long size) {
    return List.of(this);
  }
}
