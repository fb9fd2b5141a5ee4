package dev.firn.testing;

import dev.firn.testing.Fault.Moment;
import java.sql.SQLException;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * One failure of a database to come: the {@code nth} call (from 1) that matches fails, before it
 * has its effect or after.
 *
 * @param where which calls count
 * @param nth which of the matching calls since the fault was added
 * @param moment whether the effect happens
 * @param error makes what is thrown
 * @param cuts whether the connection is dead from then on: the database rolls back what it held,
 *     every later call on it fails, and closing it works
 * @param meanwhile what others do in the window: runs in the failing thread once the fault has
 *     struck (and the connection is cut), before the caller learns of it
 */
public record SqlFault(
    Predicate<SqlCall> where,
    int nth,
    Moment moment,
    Supplier<SQLException> error,
    boolean cuts,
    Runnable meanwhile) {
  private static final int SQLITE_IOERR = 10;

  public SqlFault {
    if (nth < 1) {
      throw new IllegalArgumentException("Cannot make fault: expected nth from 1, got " + nth);
    }
  }

  /** Fails the nth call of any kind, without effect. */
  public static SqlFault before(int nth) {
    return new SqlFault(any -> true, nth, Moment.BEFORE, SqlFault::lost, false, () -> {});
  }

  /** Fails the nth call of any kind, after its effect. */
  public static SqlFault after(int nth) {
    return new SqlFault(any -> true, nth, Moment.AFTER, SqlFault::lost, false, () -> {});
  }

  /** Fails the nth call of one kind, without effect. */
  public static SqlFault before(SqlOperation operation, int nth) {
    return before(nth).on(call -> call.operation() == operation);
  }

  /** Fails the nth call of one kind, after its effect. */
  public static SqlFault after(SqlOperation operation, int nth) {
    return after(nth).on(call -> call.operation() == operation);
  }

  /** Returns the same fault, for calls that match only. */
  public SqlFault on(Predicate<SqlCall> calls) {
    return new SqlFault(calls, nth, moment, error, cuts, meanwhile);
  }

  /** Returns the same fault with another error. */
  public SqlFault throwing(Supplier<SQLException> other) {
    return new SqlFault(where, nth, moment, other, cuts, meanwhile);
  }

  /** Returns the same fault, after which the connection is dead. */
  public SqlFault cutting() {
    return new SqlFault(where, nth, moment, error, true, meanwhile);
  }

  /** Returns the same fault, with others at work before the caller learns of it. */
  public SqlFault meanwhile(Runnable others) {
    return new SqlFault(where, nth, moment, error, cuts, others);
  }

  /**
   * Returns what a lost connection looks like: by its state to PostgreSQL, by its code to SQLite.
   */
  public static SQLException lost() {
    return new SQLException("Injected fault", "08006", SQLITE_IOERR);
  }
}
