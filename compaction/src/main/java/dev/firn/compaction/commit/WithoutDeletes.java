package dev.firn.compaction.commit;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.io.FileIO;
import org.jspecify.annotations.Nullable;

/**
 * A snapshot as it would be had nobody deleted rows: the same data manifests, and no others. It is
 * in no file, and the first of its table. Immutable.
 */
record WithoutDeletes(Snapshot of, long snapshotId, long sequenceNumber, long nextRowId)
    implements Snapshot {
  /** Returns it of a table's newest snapshot, which there is. */
  static WithoutDeletes head(TableMetadata table, long id) {
    Snapshot head = Objects.requireNonNull(table.currentSnapshot());
    return new WithoutDeletes(head, id, table.lastSequenceNumber(), table.nextRowId());
  }

  @Override
  public @Nullable Long parentId() {
    return null;
  }

  @Override
  public long timestampMillis() {
    return of.timestampMillis();
  }

  @Override
  public List<ManifestFile> allManifests(FileIO io) {
    return of.dataManifests(io);
  }

  @Override
  public List<ManifestFile> dataManifests(FileIO io) {
    return of.dataManifests(io);
  }

  @Override
  public List<ManifestFile> deleteManifests(FileIO io) {
    return List.of();
  }

  @Override
  public String operation() {
    return of.operation();
  }

  @Override
  public Map<String, String> summary() {
    return of.summary();
  }

  @Override
  @Deprecated
  public Iterable<DataFile> addedDataFiles(FileIO io) {
    return of.addedDataFiles(io);
  }

  @Override
  @Deprecated
  public Iterable<DataFile> removedDataFiles(FileIO io) {
    return of.removedDataFiles(io);
  }

  @Override
  public String manifestListLocation() {
    return of.manifestListLocation();
  }

  @Override
  public @Nullable Integer schemaId() {
    return of.schemaId();
  }

  @Override
  public Long firstRowId() {
    return nextRowId;
  }

  @Override
  public Long addedRows() {
    return 0L;
  }
}
