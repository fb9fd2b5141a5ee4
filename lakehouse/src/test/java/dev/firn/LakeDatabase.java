package dev.firn;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** The catalog's database of a lakehouse in a directory, looked at from outside. */
record LakeDatabase(Path lake) {
  private Connection open() throws SQLException {
    return DriverManager.getConnection("jdbc:sqlite:" + lake.resolve("firn.db"));
  }

  /** Every session looks dead from now on. */
  void kill() throws SQLException {
    try (Connection database = open();
        Statement statement = database.createStatement()) {
      statement.executeUpdate("UPDATE firn_sessions SET lease_until = 0");
    }
  }

  /** Counts rows of a table, which {@code rows} may narrow down with a condition. */
  int count(String rows) throws SQLException {
    try (Connection database = open();
        Statement statement = database.createStatement();
        ResultSet count = statement.executeQuery("SELECT count(*) FROM " + rows)) {
      return count.getInt(1);
    }
  }
}
