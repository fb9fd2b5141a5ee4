package dev.firn.testing;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;

/** A connection from when it is taken until it is given back, and its statements. */
final class FaultyConnection implements InvocationHandler {
  private static final Class<?>[] STATEMENT = {Statement.class};
  private static final Class<?>[] PREPARED = {PreparedStatement.class};

  private final Connection connection;
  private final SqlFaultPlan plan;
  private volatile boolean dead;

  private FaultyConnection(Connection connection, SqlFaultPlan plan) {
    this.connection = connection;
    this.plan = plan;
  }

  static Connection around(Connection connection, SqlFaultPlan plan) {
    return (Connection)
        proxy(new Class<?>[] {Connection.class}, new FaultyConnection(connection, plan));
  }

  @Override
  public @Nullable Object invoke(Object proxy, Method method, @Nullable Object @Nullable [] given)
      throws Throwable {
    String first = given == null || given.length == 0 ? "" : String.valueOf(given[0]);
    return switch (method.getName()) {
      case "unwrap" -> unwrap(method, given);
      case "close" -> call(SqlOperation.CLOSE, "", connection, method, given);
      case "commit" -> call(SqlOperation.COMMIT, "", connection, method, given);
      case "rollback" -> call(SqlOperation.ROLLBACK, "", connection, method, given);
      case "setAutoCommit" ->
          first.equals("false")
              ? call(SqlOperation.BEGIN, "", connection, method, given)
              : alive(connection, method, given);
      case "createStatement" ->
          proxy(STATEMENT, new OfStatement("", alive(connection, method, given)));
      case "prepareStatement" -> {
        Object made = call(SqlOperation.PREPARE, first, connection, method, given);
        yield proxy(PREPARED, new OfStatement(first, made));
      }
      default -> alive(connection, method, given);
    };
  }

  /** Who asks for what is beneath gets it: a pool's own connection. */
  private @Nullable Object unwrap(Method method, @Nullable Object @Nullable [] given)
      throws Throwable {
    boolean here =
        given != null && given[0] instanceof Class<?> type && type.isInstance(connection);
    return here ? connection : SqlFaultPlan.unwrapped(() -> method.invoke(connection, given));
  }

  private @Nullable Object call(
      SqlOperation operation,
      String sql,
      @Nullable Object target,
      Method method,
      @Nullable Object @Nullable [] given)
      throws Throwable {
    return plan.run(
        new SqlCall(operation, sql),
        this::cut,
        () -> {
          if (operation != SqlOperation.CLOSE) {
            requireAlive();
          }
          return method.invoke(target, given);
        });
  }

  private @Nullable Object alive(
      @Nullable Object target, Method method, @Nullable Object @Nullable [] given)
      throws Throwable {
    requireAlive();
    return SqlFaultPlan.unwrapped(() -> method.invoke(target, given));
  }

  private void requireAlive() throws SQLException {
    if (dead) {
      throw SqlFault.lost();
    }
  }

  private void cut() throws SQLException {
    dead = true;
    connection.unwrap(Connection.class).close();
  }

  private static Object proxy(Class<?>[] types, InvocationHandler handler) {
    return Proxy.newProxyInstance(FaultyConnection.class.getClassLoader(), types, handler);
  }

  private final class OfStatement implements InvocationHandler {
    private final String prepared;
    private final @Nullable Object statement;

    OfStatement(String prepared, @Nullable Object statement) {
      this.prepared = prepared;
      this.statement = statement;
    }

    @Override
    public @Nullable Object invoke(Object proxy, Method method, @Nullable Object @Nullable [] given)
        throws Throwable {
      String name = method.getName();
      if (name.equals("close")) {
        return call(SqlOperation.CLOSE, prepared, statement, method, given);
      }
      if (!name.startsWith("execute")) {
        return alive(statement, method, given);
      }
      String sql = given == null || given.length == 0 ? prepared : String.valueOf(given[0]);
      return call(SqlOperation.of(sql), sql, statement, method, given);
    }
  }
}
