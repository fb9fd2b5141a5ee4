package dev.firn.compaction.commit;

import java.util.List;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;

/**
 * A whole data file with the deletes that a reader is to apply to it, whatever others there are.
 * Immutable.
 */
public record ChosenDeletes(DataFile file, PartitionSpec spec, List<DeleteFile> deletes)
    implements FileScanTask {
  public ChosenDeletes {
    deletes = List.copyOf(deletes);
  }

  @Override
  public long start() {
    return 0;
  }

  @Override
  public long length() {
    return file.fileSizeInBytes();
  }

  @Override
  public Expression residual() {
    return Expressions.alwaysTrue();
  }

  @Override
  public Iterable<FileScanTask> split(long size) {
    return List.of(this);
  }
}
