package dev.firn.maintenance;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Who works on which table, what is paused, and what was done. Thread-safe. Tables are known by
 * their own id.
 */
public interface WorkLedger {
  /**
   * Returns the time by the one clock that all of a ledger's times are of. What is due is decided
   * by it too, so that the clocks of processes that share a ledger may be off.
   */
  Instant now();

  /** Returns whether other processes see it; if not, each process works for itself. */
  boolean shared();

  /** As {@link dev.firn.catalog.jdbc.MaintenanceLeases#acquire}. */
  OptionalLong acquire(String uuid, String table, Duration lease);

  /** As {@link dev.firn.catalog.jdbc.MaintenanceLeases#renew}. */
  boolean renew(String uuid, long epoch, Duration lease);

  /** As {@link dev.firn.catalog.jdbc.MaintenanceLeases#release}. */
  void release(String uuid, long epoch);

  /** Pauses a table, or all of them where {@code uuid} is null, or lets them go on. */
  void pause(@Nullable String uuid, String table, boolean paused);

  /** Returns whether the table, or everything, is paused. */
  boolean isPaused(String uuid);

  /** Records work that has just ended. */
  void record(
      String uuid, String table, String kind, Duration took, Outcome outcome, String detail);

  /**
   * Returns the newest entries, newest first: of one table, or of all where {@code uuid} is null.
   */
  List<PerformedWork> history(@Nullable String uuid, int most);
}
