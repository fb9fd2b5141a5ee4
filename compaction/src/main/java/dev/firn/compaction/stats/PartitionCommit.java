package dev.firn.compaction.stats;

import dev.firn.format.write.FileRegistrar;
import dev.firn.format.write.ForwardingOperations;
import dev.firn.format.write.WrittenFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.HasTableOperations;
import org.apache.iceberg.PartitionStatisticsFile;
import org.apache.iceberg.PartitionStatsHandler;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.jspecify.annotations.Nullable;

/** Has Iceberg compute a snapshot's partition statistics, and commits them. */
final class PartitionCommit {
  private final Table table;
  private final FileRegistrar registrar;

  PartitionCommit(Table table, FileRegistrar registrar) {
    this.table = table;
    this.registrar = registrar;
  }

  /** Returns where they are; null where the snapshot has no partition, or they have no place. */
  @Nullable String commit(Snapshot snapshot) {
    if (!(table instanceof HasTableOperations known)) {
      return null;
    }
    Announcing operations = new Announcing(known.operations(), registrar);
    boolean done = false;
    try {
      PartitionStatisticsFile file =
          PartitionStatsHandler.computeAndWriteStatsFile(
              new BaseTable(operations, table.name()), snapshot.snapshotId());
      if (file != null && !operations.announced.isEmpty()) {
        done = true;
        commit(file, operations);
      }
      return file == null ? null : file.path();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      if (!done) {
        remove(operations);
      }
    }
  }

  private void commit(PartitionStatisticsFile file, Announcing operations) {
    try {
      table.updatePartitionStatistics().setPartitionStatistics(file).commit();
    } catch (CommitFailedException e) {
      remove(operations);
      throw e;
    }
  }

  private void remove(Announcing operations) {
    registrar.removed(WrittenFiles.remove(table.io(), operations.announced));
  }

  /** Announces the metadata files that Iceberg asks a place for. Commits nothing. */
  private static final class Announcing extends ForwardingOperations {
    private final FileRegistrar registrar;
    private final List<String> announced = new ArrayList<>();

    Announcing(TableOperations operations, FileRegistrar registrar) {
      super(operations);
      this.registrar = registrar;
    }

    @Override
    public String metadataFileLocation(String name) {
      String location = super.metadataFileLocation(name);
      registrar.creating(List.of(location));
      announced.add(location);
      return location;
    }

    @Override
    public void commit(@Nullable TableMetadata base, TableMetadata metadata) {
      throw new UnsupportedOperationException("Only locations are given");
    }
  }
}
