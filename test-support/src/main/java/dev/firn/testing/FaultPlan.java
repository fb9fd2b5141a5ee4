package dev.firn.testing;

import dev.firn.testing.Fault.Moment;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
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
  private long failed;

  synchronized void add(Fault fault) {
    pending.add(new Pending(fault));
  }

  synchronized void reset() {
    pending.clear();
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
    if (fault != null && fault.moment() == Moment.BEFORE) {
      throw fault.error().get();
    }
    T result = work.run();
    if (fault != null) {
      throw fault.error().get();
    }
    return result;
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
    return due;
  }
}
