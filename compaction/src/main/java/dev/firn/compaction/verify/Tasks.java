package dev.firn.compaction.verify;

import org.apache.iceberg.BaseFileScanTask;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.PartitionSpecParser;
import org.apache.iceberg.Schema;
import org.apache.iceberg.SchemaParser;
import org.apache.iceberg.Table;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.expressions.ResidualEvaluator;
import org.apache.iceberg.types.Types;

/** Data files as tasks that leave nothing out. Stateless. */
final class Tasks {
  private static final ResidualEvaluator NO_FILTER =
      ResidualEvaluator.unpartitioned(Expressions.alwaysTrue());

  private Tasks() {}

  /** The whole file, whatever is deleted. */
  static FileScanTask of(Table table, DataFile file) {
    return new BaseFileScanTask(
        file,
        new DeleteFile[0],
        SchemaParser.toJson(table.schema()),
        PartitionSpecParser.toJson(table.specs().get(file.specId())),
        NO_FILTER);
  }

  /** The type of the spec's tuples, where sources may have been widened since. */
  static Types.StructType partitionType(PartitionSpec spec, Schema schema) {
    return spec.toUnbound().bind(schema).partitionType();
  }
}
