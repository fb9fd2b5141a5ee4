package dev.firn.maintenance;

import dev.firn.catalog.jdbc.MaintenanceHistory;
import dev.firn.catalog.jdbc.MaintenanceLeases;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** The ledger in a catalog's database. Borrows leases and history. */
public record SharedLedger(MaintenanceLeases leases, MaintenanceHistory past, String holder)
    implements WorkLedger {
  @Override
  public Instant now() {
    return past.now();
  }

  @Override
  public boolean shared() {
    return true;
  }

  @Override
  public OptionalLong acquire(String uuid, String table, Duration lease) {
    return leases.acquire(uuid, table, holder, lease);
  }

  @Override
  public boolean renew(String uuid, long epoch, Duration lease) {
    return leases.renew(uuid, epoch, lease);
  }

  @Override
  public void release(String uuid, long epoch) {
    leases.release(uuid, epoch);
  }

  @Override
  public void pause(@Nullable String uuid, String table, boolean paused) {
    leases.pause(uuid == null ? MaintenanceLeases.CATALOG : uuid, table, paused);
  }

  @Override
  public boolean isPaused(String uuid) {
    return leases.isPaused(uuid);
  }

  @Override
  public void record(
      String uuid, String table, String kind, Duration took, Outcome outcome, String detail) {
    past.record(uuid, table, kind, took, outcome.word(), detail);
  }

  @Override
  public List<PerformedWork> history(@Nullable String uuid, int most) {
    return past.list(uuid, most).stream()
        .map(
            entry ->
                new PerformedWork(
                    entry.tableName(),
                    entry.kind(),
                    entry.startedAt(),
                    entry.endedAt(),
                    entry.outcome(),
                    entry.detail()))
        .toList();
  }
}
