package dev.firn.testing;

import dev.firn.testing.Fault.Damage;
import dev.firn.testing.Fault.Moment;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The failures to come and the operations so far. Thread-safe. */
final class FaultPlan {
  /** Work that may fail by itself. */
  interface Work<T extends @Nullable Object> {
    T run() throws IOException;
  }

  private static final class Pending {
    private final Fault fault;
    private int seen;

    Pending(Fault fault) {
      this.fault = fault;
    }
  }

  private final List<Pending> pending = new ArrayList<>();
  private final Map<FileOperation, Long> counts = new EnumMap<>(FileOperation.class);
  private @Nullable FaultChance chance;
  private long failed;

  synchronized void add(Fault fault) {
    pending.add(new Pending(fault));
  }

  synchronized void random(FaultChance other) {
    chance = other;
  }

  synchronized void reset() {
    pending.clear();
    chance = null;
    counts.clear();
    failed = 0;
  }

  synchronized long count(FileOperation operation) {
    return counts.getOrDefault(operation, 0L);
  }

  synchronized long failed() {
    return failed;
  }

  <T extends @Nullable Object> T callChecked(FileOperation operation, String location, Work<T> work)
      throws IOException {
    Fault fault = next(operation, location);
    begin(fault);
    T result = work.run();
    end(fault);
    return result;
  }

  /** Reads into a target, and returns how many bytes; fewer than were read where they are cut. */
  int read(String location, byte[] target, int offset, Work<Integer> work) throws IOException {
    Fault fault = next(FileOperation.READ, location);
    begin(fault);
    int size = work.run();
    end(fault);
    if (fault != null && size > 0 && fault.damage() == Damage.FLIPPED) {
      target[offset + size / 2] ^= 1;
    }
    return fault != null && fault.damage() == Damage.TRUNCATED ? size / 2 : size;
  }

  private static void begin(@Nullable Fault fault) throws IOException {
    if (fault == null) {
      return;
    }
    if (fault.throwsAt(Moment.BEFORE)) {
      throw fault.error().get();
    }
    if (fault.damage() == Damage.LATENCY) {
      LockSupport.parkNanos(Fault.LATENCY.toNanos());
    }
  }

  private static void end(@Nullable Fault fault) throws IOException {
    if (fault != null && fault.throwsAt(Moment.AFTER)) {
      throw fault.error().get();
    }
  }

  <T> T call(FileOperation operation, String location, Supplier<T> work) {
    try {
      return callChecked(operation, location, work::get);
    } catch (IOException e) {
      throw new UncheckedIOException("Failed to " + operation + " " + location, e);
    }
  }

  void run(FileOperation operation, String location, Runnable work) {
    call(
        operation,
        location,
        () -> {
          work.run();
          return true;
        });
  }

  private synchronized @Nullable Fault next(FileOperation operation, String location) {
    counts.merge(operation, 1L, Long::sum);
    Fault due = null;
    for (Iterator<Pending> all = pending.iterator(); all.hasNext(); ) {
      Pending each = all.next();
      Fault fault = each.fault;
      if (fault.operation() == operation
          && fault.where().test(location)
          && ++each.seen == fault.nth()
          && due == null) {
        due = fault;
        failed++;
        all.remove();
      }
    }
    if (due == null && chance != null) {
      due = chance.next(operation);
      failed += due == null ? 0 : 1;
    }
    return due;
  }
}
