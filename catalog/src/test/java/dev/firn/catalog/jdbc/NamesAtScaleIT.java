package dev.firn.catalog.jdbc;

import dev.firn.testing.PostgresServer;
import dev.firn.testing.TestServers;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(TestServers.class)
class NamesAtScaleIT extends NamesAtScaleContract {
  private final String database;

  NamesAtScaleIT(PostgresServer server) {
    database = server.newDatabase();
  }

  @Override
  String uri() {
    return database;
  }

  /** The plan of a prepared statement, which the driver asks for from the fifth run on. */
  @Override
  List<String> plan(Connection connection, String sql) throws SQLException {
    StringBuilder numbered = new StringBuilder();
    int parameters = 0;
    for (int i = 0; i < sql.length(); i++) {
      char sign = sql.charAt(i);
      numbered.append(sign == '?' ? "$" + ++parameters : Character.toString(sign));
    }
    try (Statement statement = connection.createStatement()) {
      statement.execute("SET plan_cache_mode = force_generic_plan");
      statement.execute("PREPARE looked AS " + numbered);
      String values = String.join(", ", Collections.nCopies(parameters, "NULL"));
      try (PreparedStatement explain =
          connection.prepareStatement("EXPLAIN EXECUTE looked(" + values + ")")) {
        return lines(explain, 1);
      } finally {
        statement.execute("DEALLOCATE looked");
        statement.execute("RESET plan_cache_mode");
      }
    }
  }

  @Override
  boolean usesIndex(String step) {
    return step.matches(".*Index (Only )?Scan .*on (iceberg_.*|firn_.*)");
  }

  @Override
  boolean readsAll(String step) {
    return step.contains("Seq Scan on iceberg_");
  }
}
