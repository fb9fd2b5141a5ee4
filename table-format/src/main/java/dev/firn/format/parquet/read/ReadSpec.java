package dev.firn.format.parquet.read;

import dev.firn.error.FirnException;
import dev.firn.format.parquet.filter.BatchPredicate;
import dev.firn.format.parquet.filter.RowGroupPruner;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.apache.iceberg.Schema;
import org.apache.iceberg.deletes.PositionDeleteIndex;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.mapping.NameMapping;
import org.jspecify.annotations.Nullable;

/** What is to be read, and how. A builder's fields. */
final class ReadSpec {
  static final int BATCH_ROWS = 32_768;

  final InputFile file;
  final Schema projection;
  int tailBytes = Suffix.SIZE;
  long length = SourceFile.UNKNOWN_LENGTH;
  @Nullable Schema filterSchema;
  @Nullable Expression filter;
  @Nullable Schema keepColumns;
  @Nullable Supplier<BatchPredicate> keep;
  Supplier<@Nullable PositionDeleteIndex> deletes = () -> null;
  Map<Integer, ? extends @Nullable Object> constants = Map.of();
  @Nullable NameMapping nameMapping;
  long rows = Long.MAX_VALUE;
  long splitStart;
  long splitEnd = Long.MAX_VALUE;
  int batchRows = BATCH_ROWS;
  BooleanSupplier stop = () -> false;
  boolean dictionaryStrings;
  boolean eager;
  @Nullable Executor executor;
  int threads;
  RowGroupPruner.Means pruning = RowGroupPruner.Means.ALL;

  ReadSpec(InputFile file, Schema projection) {
    this.file = file;
    this.projection = projection;
  }

  /** Whether a row group that starts at {@code position} is to be read. */
  boolean inSplit(long position) {
    return position >= splitStart && position < splitEnd;
  }

  void checkBatchRows() {
    if (batchRows < 1) {
      throw FirnException.invalid(
          "Cannot read Parquet file: a batch needs at least 1 row, got " + batchRows);
    }
  }
}
