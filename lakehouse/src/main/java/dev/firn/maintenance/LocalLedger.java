package dev.firn.maintenance;

import dev.firn.catalog.jdbc.MaintenanceHistory;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The ledger of a catalog without a database of ours: in this process alone, and gone with it.
 * Other processes may do the same work at the same time; their commits then conflict, and one of
 * them does it for nothing. Leases here end by being released: nobody dies alone.
 */
public final class LocalLedger implements WorkLedger {
  private static final int KEPT = 10_000;

  private final Clock clock;
  private final Map<String, Long> held = new HashMap<>();
  private final Set<String> paused = new HashSet<>();
  private final Deque<Entry> entries = new ArrayDeque<>();
  private boolean allPaused;
  private long epochs;

  private record Entry(String uuid, PerformedWork work) {}

  public LocalLedger(Clock clock) {
    this.clock = clock;
  }

  @Override
  public Instant now() {
    return clock.instant();
  }

  @Override
  public boolean shared() {
    return false;
  }

  @Override
  public synchronized OptionalLong acquire(String uuid, String table, Duration lease) {
    if (held.containsKey(uuid) || isPaused(uuid)) {
      return OptionalLong.empty();
    }
    held.put(uuid, ++epochs);
    return OptionalLong.of(epochs);
  }

  @Override
  public synchronized boolean renew(String uuid, long epoch, Duration lease) {
    Long holder = held.get(uuid);
    return holder != null && holder == epoch && !isPaused(uuid);
  }

  @Override
  public synchronized void release(String uuid, long epoch) {
    held.remove(uuid, epoch);
  }

  @Override
  public synchronized void pause(@Nullable String uuid, String table, boolean pause) {
    if (uuid == null) {
      allPaused = pause;
    } else if (pause) {
      paused.add(uuid);
    } else {
      paused.remove(uuid);
    }
  }

  @Override
  public synchronized boolean isPaused(String uuid) {
    return allPaused || paused.contains(uuid);
  }

  @Override
  public synchronized void record(
      String uuid, String table, String kind, Duration took, Outcome outcome, String detail) {
    Instant now = clock.instant();
    entries.addFirst(
        new Entry(
            uuid, new PerformedWork(table, kind, now.minus(took), now, outcome.word(), detail)));
    if (entries.size() > KEPT) {
      entries.removeLast();
    }
    // Of each kind some, as in a database: what is done once a day is remembered for a day.
    int alike = 0;
    for (Iterator<Entry> each = entries.iterator(); each.hasNext(); ) {
      Entry entry = each.next();
      alike += entry.uuid().equals(uuid) && entry.work().kind().equals(kind) ? 1 : 0;
      if (alike > MaintenanceHistory.KEPT) {
        each.remove();
        break;
      }
    }
  }

  @Override
  public synchronized List<PerformedWork> history(@Nullable String uuid, int most) {
    List<PerformedWork> all = new ArrayList<>();
    for (Entry entry : entries) {
      if (all.size() < most && (uuid == null || entry.uuid().equals(uuid))) {
        all.add(entry.work());
      }
    }
    return all;
  }
}
