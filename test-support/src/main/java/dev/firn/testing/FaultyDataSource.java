package dev.firn.testing;

import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.util.List;
import java.util.logging.Logger;
import javax.sql.DataSource;

/**
 * A source of connections that records the calls on them and fails those that it is told to; a pool
 * is best decorated from outside. Thread-safe. Borrows what it decorates.
 */
public final class FaultyDataSource implements DataSource {
  private final DataSource source;
  private final SqlFaultPlan plan = new SqlFaultPlan();

  public FaultyDataSource(DataSource source) {
    this.source = source;
  }

  /** Adds a failure to come. Each happens once. */
  public FaultyDataSource add(SqlFault fault) {
    plan.add(fault);
    return this;
  }

  /** Forgets the failures that have not come, and the calls. */
  public void reset() {
    plan.reset();
  }

  /** Returns the calls that were begun since the last reset, in order. */
  public List<SqlCall> calls() {
    return plan.calls();
  }

  /** Returns how many calls of a kind were begun since the last reset. */
  public long count(SqlOperation operation) {
    return calls().stream().filter(call -> call.operation() == operation).count();
  }

  /** Returns how many of the added failures have happened since the last reset. */
  public long failed() {
    return plan.failed();
  }

  @Override
  public Connection getConnection() throws SQLException {
    Connection[] taken = new Connection[1];
    try {
      return plan.run(
          new SqlCall(SqlOperation.CONNECT, ""),
          () -> {},
          () -> {
            taken[0] = source.getConnection();
            return FaultyConnection.around(taken[0], plan);
          });
    } catch (SQLException | RuntimeException | Error e) {
      if (taken[0] != null) {
        // It never reaches its caller.
        taken[0].close();
      }
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public Connection getConnection(String user, String password) throws SQLException {
    throw new SQLFeatureNotSupportedException("The source knows its user");
  }

  @Override
  public PrintWriter getLogWriter() throws SQLException {
    return source.getLogWriter();
  }

  @Override
  public void setLogWriter(PrintWriter out) throws SQLException {
    source.setLogWriter(out);
  }

  @Override
  public void setLoginTimeout(int seconds) throws SQLException {
    source.setLoginTimeout(seconds);
  }

  @Override
  public int getLoginTimeout() throws SQLException {
    return source.getLoginTimeout();
  }

  @Override
  public Logger getParentLogger() throws SQLFeatureNotSupportedException {
    return source.getParentLogger();
  }

  @Override
  public <T> T unwrap(Class<T> type) throws SQLException {
    return type.isInstance(source) ? type.cast(source) : source.unwrap(type);
  }

  @Override
  public boolean isWrapperFor(Class<?> type) throws SQLException {
    return type.isInstance(source) || source.isWrapperFor(type);
  }
}
