package dev.firn.testing;

import dev.firn.testing.Fault.Moment;
import java.lang.reflect.InvocationTargetException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/** The failures of a database to come and the calls so far. Thread-safe. */
final class SqlFaultPlan {
  /** What a fault takes along. */
  interface Cut {
    void run() throws SQLException;
  }

  private static final class Pending {
    private final SqlFault fault;
    private int seen;

    Pending(SqlFault fault) {
      this.fault = fault;
    }
  }

  private final List<Pending> pending = new ArrayList<>();
  private final List<SqlCall> calls = new ArrayList<>();
  private long failed;

  synchronized void add(SqlFault fault) {
    pending.add(new Pending(fault));
  }

  synchronized void reset() {
    pending.clear();
    calls.clear();
    failed = 0;
  }

  synchronized List<SqlCall> calls() {
    return List.copyOf(calls);
  }

  synchronized long failed() {
    return failed;
  }

  /** Runs a call, unless a fault comes first; {@code cut} ends its connection. */
  <T extends @Nullable Object> T run(SqlCall call, Cut cut, Callable<T> work) throws Throwable {
    SqlFault fault = next(call);
    if (fault != null && fault.moment() == Moment.BEFORE) {
      throw strike(fault, cut);
    }
    T result = unwrapped(work);
    if (fault != null) {
      throw strike(fault, cut);
    }
    return result;
  }

  /** Runs reflective work, throwing what it threw. */
  static <T extends @Nullable Object> T unwrapped(Callable<T> work) throws Throwable {
    try {
      return work.call();
    } catch (InvocationTargetException e) {
      throw e.getTargetException();
    }
  }

  private static SQLException strike(SqlFault fault, Cut cut) throws SQLException {
    if (fault.cuts()) {
      cut.run();
    }
    fault.meanwhile().run();
    return fault.error().get();
  }

  private synchronized @Nullable SqlFault next(SqlCall call) {
    calls.add(call);
    SqlFault due = null;
    for (Iterator<Pending> all = pending.iterator(); all.hasNext(); ) {
      Pending each = all.next();
      if (each.fault.where().test(call) && ++each.seen == each.fault.nth() && due == null) {
        due = each.fault;
        failed++;
        all.remove();
      }
    }
    return due;
  }
}
