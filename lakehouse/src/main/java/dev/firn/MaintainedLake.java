package dev.firn;

import dev.firn.catalog.LakeCatalog;
import dev.firn.catalog.intent.SweepResult;
import dev.firn.catalog.table.TableName;
import dev.firn.change.ChangeReceipt;
import dev.firn.compaction.Compaction;
import dev.firn.compaction.CompactionProgress;
import dev.firn.compaction.CompactionResult;
import dev.firn.compaction.DanglingDeletes;
import dev.firn.compaction.DeleteConversion;
import dev.firn.compaction.ManifestMerge;
import dev.firn.compaction.policy.DueWork;
import dev.firn.compaction.policy.WorkKind;
import dev.firn.compaction.stats.StatisticsResult;
import dev.firn.maintenance.LocalLedger;
import dev.firn.maintenance.MaintenanceService;
import dev.firn.maintenance.Result;
import dev.firn.maintenance.SharedLedger;
import dev.firn.maintenance.Site;
import dev.firn.maintenance.WorkLedger;
import dev.firn.maintenance.Workplace;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import org.apache.iceberg.HasTableOperations;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadata;

/**
 * A lakehouse as the maintenance service sees it. Thread-safe. Borrows the lakehouse, its catalog
 * and upkeep; owns services that were started and not closed.
 */
final class MaintainedLake implements Workplace, AutoCloseable {
  private final Lakehouse lake;
  private final LakeCatalog catalog;
  private final Upkeep upkeep;
  private final WorkLedger ledger;
  private final List<MaintenanceService> services = new ArrayList<>();

  /** {@code upkeep} expires snapshots, so that their readers can end first. */
  MaintainedLake(Lakehouse lake, LakeCatalog catalog, Upkeep upkeep) {
    this.lake = lake;
    this.catalog = catalog;
    this.upkeep = upkeep;
    // A name of this lakehouse, not of the process: two of one process are two holders.
    String holder = "pid %d, %s".formatted(ProcessHandle.current().pid(), UUID.randomUUID());
    this.ledger =
        catalog.isOurs()
            ? new SharedLedger(catalog.maintenanceLeases(), catalog.maintenanceHistory(), holder)
            : new LocalLedger(Clock.systemUTC());
  }

  @Override
  public List<String> tables() {
    return lake.tables();
  }

  @Override
  public Optional<Site> open(String table) {
    return lake.findTable(table).map(found -> new LakeSite(found, found.iceberg()));
  }

  @Override
  public WorkLedger ledger() {
    return ledger;
  }

  @Override
  public Runnable listen(Consumer<String> changed) {
    return catalog.isOurs()
        ? catalog.listen((table, metadata) -> changed.accept(TableName.format(table)))
        : () -> {};
  }

  @Override
  public Runnable own(MaintenanceService service) {
    synchronized (services) {
      services.add(service);
    }
    return () -> {
      synchronized (services) {
        services.remove(service);
      }
    };
  }

  @Override
  public void close() {
    List<MaintenanceService> open;
    synchronized (services) {
      open = List.copyOf(services);
    }
    // Not under the lock: a service that is closed by its owner meanwhile takes itself out.
    open.forEach(MaintenanceService::close);
  }

  /** One table of the lakehouse. */
  private final class LakeSite implements Site {
    private final LakeTable lakeTable;
    private final Table table;

    LakeSite(LakeTable lakeTable, Table table) {
      this.lakeTable = lakeTable;
      this.table = table;
    }

    @Override
    public String name() {
      return lakeTable.name();
    }

    @Override
    public String uuid() {
      return table.uuid().toString();
    }

    @Override
    public Table table() {
      return table;
    }

    @Override
    public TableMetadata metadata() {
      return ((HasTableOperations) table).operations().current();
    }

    @Override
    public boolean can(WorkKind kind) {
      return kind != WorkKind.SWEEP || catalog.isOurs();
    }

    @Override
    public Result run(DueWork work, CompactionProgress progress) {
      return switch (work.kind()) {
        case COMPACT_RECENT, COMPACT_COLD, COMPACT_DELETES -> compact(work.scope(), progress);
        case CONVERT_DELETES -> convert(DeleteConversion.Kind.EQUALITY, progress);
        case CONVERT_POSITION_DELETES -> convert(DeleteConversion.Kind.POSITION, progress);
        case REMOVE_DANGLING_DELETES -> removeDanglingDeletes();
        case DROP_OLD_ROWS -> dropOldRows(progress);
        case EXPIRE_SNAPSHOTS -> expire();
        case MERGE_MANIFESTS -> mergeManifests();
        case SWEEP -> sweep();
        case COMPUTE_STATISTICS -> computeStatistics(progress);
      };
    }

    private Result compact(DueWork.Scope scope, CompactionProgress progress) {
      Compaction compaction =
          lakeTable
              .compact()
              .where(scope.filter())
              .targetFileSizeBytes(scope.targetBytes())
              .minInputFiles(scope.minFiles())
              .progress(progress);
      CompactionResult result = compaction.run();
      return new Result(
          result.snapshotId().isPresent(),
          Map.of(
              "files_before", result.filesBefore(),
              "files_after", result.filesAfter(),
              "delete_files_removed", result.deleteFilesRemoved(),
              "bytes_before", result.bytesBefore(),
              "bytes_after", result.bytesAfter(),
              "rows", result.rowsWritten()));
    }

    private Result convert(DeleteConversion.Kind kind, CompactionProgress progress) {
      DeleteConversion.Result result =
          lakeTable.convertDeletes().kind(kind).progress(() -> progress.update(0, 0, 0)).run();
      return new Result(
          result.snapshotId().isPresent(),
          Map.of(
              "equality_delete_files", result.equalityDeleteFiles(),
              "position_delete_files", result.positionDeleteFiles(),
              "data_files", result.dataFiles()));
    }

    private Result removeDanglingDeletes() {
      DanglingDeletes.Result result = lakeTable.removeDanglingDeletes().run();
      return new Result(result.snapshotId().isPresent(), Map.of("delete_files", result.total()));
    }

    /** By the clock that the decision was made by: one that is ahead would drop too much. */
    private Result dropOldRows(CompactionProgress progress) {
      ChangeReceipt receipt =
          lakeTable
              .dropExpiredRows(ledger.now())
              .map(old -> old.progress(() -> progress.update(0, 0, 0)).run())
              .orElse(ChangeReceipt.NOTHING);
      return new Result(
          receipt.commit().isPresent(),
          Map.of("rows", receipt.deleted(), "files_removed", receipt.filesRemoved()));
    }

    private Result computeStatistics(CompactionProgress progress) {
      StatisticsResult result =
          lakeTable.computeStatistics().progress(rows -> progress.update(0, 0, rows)).run();
      return new Result(
          result.statisticsFile() != null || result.partitionFile() != null,
          Map.of("columns", result.columns().size(), "rows", result.rows()));
    }

    private Result expire() {
      int expired = upkeep.expire(TableName.parse(name()));
      return new Result(expired > 0, Map.of("snapshots", expired));
    }

    private Result mergeManifests() {
      ManifestMerge.Result result = lakeTable.rewriteManifests().run();
      return new Result(
          result.merged() > 0,
          Map.of("manifests_before", result.before(), "manifests_after", result.after()));
    }

    /** Having looked is what counts: the next look is an interval later. */
    private Result sweep() {
      SweepResult result = lake.sweep().table(name()).run();
      return new Result(
          true,
          Map.of("quarantined", result.quarantined().size(), "deleted", result.deleted().size()));
    }
  }
}
