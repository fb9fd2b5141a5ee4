package dev.firn.scan.plan;

import java.util.function.IntPredicate;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.StructLike;
import org.jspecify.annotations.Nullable;

/** A delete file of a manifest in columns. */
final class PlannedDeleteFile extends PlannedFile<DeleteFile> implements DeleteFile {
  PlannedDeleteFile(
      Manifest manifest,
      Chunk chunk,
      int row,
      StructLike partition,
      @Nullable IntPredicate statistics) {
    super(manifest, chunk, row, partition, statistics);
  }

  @Override
  DeleteFile with(
      Manifest itsManifest,
      Chunk itsChunk,
      int itsRow,
      StructLike itsPartition,
      @Nullable IntPredicate itsStatistics) {
    return new PlannedDeleteFile(itsManifest, itsChunk, itsRow, itsPartition, itsStatistics);
  }

  @Override
  DeleteFile self() {
    return this;
  }

  @Override
  public @Nullable String referencedDataFile() {
    PathColumn referenced = chunk().referenced();
    return referenced == null || referenced.isNull(row()) ? null : referenced.get(row());
  }

  @Override
  public @Nullable Long contentOffset() {
    return chunk().boxed(LongField.CONTENT_OFFSET, row());
  }

  @Override
  public @Nullable Long contentSizeInBytes() {
    return chunk().boxed(LongField.CONTENT_SIZE, row());
  }
}
