package dev.firn.scan.plan;

import java.util.List;
import java.util.function.IntPredicate;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileContent;
import org.apache.iceberg.StructLike;
import org.jspecify.annotations.Nullable;

/** A data file of a manifest in columns. */
final class PlannedDataFile extends PlannedFile<DataFile> implements DataFile {
  PlannedDataFile(
      Manifest manifest,
      Chunk chunk,
      int row,
      StructLike partition,
      @Nullable IntPredicate statistics) {
    super(manifest, chunk, row, partition, statistics);
  }

  @Override
  DataFile with(
      Manifest itsManifest,
      Chunk itsChunk,
      int itsRow,
      StructLike itsPartition,
      @Nullable IntPredicate itsStatistics) {
    return new PlannedDataFile(itsManifest, itsChunk, itsRow, itsPartition, itsStatistics);
  }

  @Override
  DataFile self() {
    return this;
  }

  @Override
  public FileContent content() {
    return FileContent.DATA;
  }

  @Override
  public @Nullable List<Integer> equalityFieldIds() {
    return null;
  }
}
