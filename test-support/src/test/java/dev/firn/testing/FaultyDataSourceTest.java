package dev.firn.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;

class FaultyDataSourceTest {
  /** The calls that came through, by name. */
  private final List<String> done = new ArrayList<>();

  private final FaultyDataSource source = new FaultyDataSource(recording(DataSource.class));

  @Test
  void recordsEveryCall() throws SQLException {
    try (Connection connection = source.getConnection()) {
      connection.setAutoCommit(false);
      try (PreparedStatement update = connection.prepareStatement("UPDATE t SET a = ?")) {
        update.setString(1, "x");
        update.executeUpdate();
      }
      connection.commit();
      connection.setAutoCommit(true);
    }

    assertThat(source.calls())
        .extracting(SqlCall::operation)
        .containsExactly(
            SqlOperation.CONNECT,
            SqlOperation.BEGIN,
            SqlOperation.PREPARE,
            SqlOperation.EXECUTE,
            SqlOperation.CLOSE,
            SqlOperation.COMMIT,
            SqlOperation.CLOSE);
    assertThat(source.calls().get(3).sql()).isEqualTo("UPDATE t SET a = ?");
    assertThat(source.failed()).isZero();
  }

  @Test
  void textThatBeginsOrEndsATransactionCountsAsThat() throws SQLException {
    try (Connection connection = source.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("BEGIN IMMEDIATE");
      statement.execute(" commit;");
      statement.execute("ROLLBACK");
    }

    assertThat(source.count(SqlOperation.BEGIN)).isEqualTo(1);
    assertThat(source.count(SqlOperation.COMMIT)).isEqualTo(1);
    assertThat(source.count(SqlOperation.ROLLBACK)).isEqualTo(1);
    assertThat(source.count(SqlOperation.EXECUTE)).isZero();
  }

  @Test
  void failsTheNthMatchingCallOnceBeforeOrAfterItsEffect() throws SQLException {
    source.add(SqlFault.before(SqlOperation.COMMIT, 2));
    source.add(SqlFault.after(SqlOperation.ROLLBACK, 1).meanwhile(() -> done.add("others")));
    try (Connection connection = source.getConnection()) {
      connection.commit();
      assertThatThrownBy(connection::commit)
          .isInstanceOf(SQLException.class)
          .hasMessage("Injected fault");
      connection.commit();
      assertThatThrownBy(connection::rollback).hasMessage("Injected fault");
    }

    assertThat(done)
        .containsExactly("getConnection", "commit", "commit", "rollback", "others", "close");
    assertThat(source.failed()).isEqualTo(2);
  }

  @Test
  void connectionThatNeverReachesItsCallerIsGivenBack() {
    source.add(SqlFault.after(SqlOperation.CONNECT, 1));

    assertThatThrownBy(source::getConnection).hasMessage("Injected fault");
    assertThat(done).containsExactly("getConnection", "close");
  }

  @Test
  void cutConnectionIsDeadAndClosedBeneath() throws SQLException {
    source.add(SqlFault.before(SqlOperation.EXECUTE, 1).cutting());
    try (Connection connection = source.getConnection();
        PreparedStatement update = connection.prepareStatement("DELETE FROM t")) {
      assertThatThrownBy(update::executeUpdate).hasMessage("Injected fault");
      assertThatThrownBy(connection::rollback).hasMessage("Injected fault");
      assertThatThrownBy(connection::createStatement).hasMessage("Injected fault");
    }

    assertThat(done)
        .containsExactly("getConnection", "prepareStatement", "unwrap", "close", "close", "close");
  }

  private <T> T recording(Class<T> type) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, given) -> {
              String name = method.getName();
              if (name.matches("getConnection|commit|rollback|close|unwrap|prepareStatement")) {
                done.add(name);
              }
              Class<?> result = method.getReturnType();
              if (name.equals("unwrap")) {
                return recording(Connection.class);
              }
              if (result == int.class) {
                return 0;
              }
              if (result == boolean.class) {
                return false;
              }
              return result.isInterface() ? recording(result) : null;
            }));
  }
}
