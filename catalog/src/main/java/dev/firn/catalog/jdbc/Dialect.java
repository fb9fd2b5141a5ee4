package dev.firn.catalog.jdbc;

import dev.firn.catalog.error.SqlFailures;
import dev.firn.error.FirnException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.sql.Statement;
import java.util.List;
import java.util.Set;

/** What the supported databases do differently. */
public enum Dialect {
  /**
   * Transactions are begun and ended by statements: the driver's {@code commit()} begins the next
   * one at once, so that it may fail after it was applied, and holds the database's only lock.
   */
  SQLITE("CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)", 4) {
    @Override
    public String bytewise(String column) {
      return column;
    }

    @Override
    void begin(Connection connection) throws SQLException {
      execute(connection, "BEGIN IMMEDIATE");
    }

    @Override
    void beginReading(Connection connection) throws SQLException {
      execute(connection, "BEGIN");
    }

    @Override
    void commit(Connection connection) throws SQLException {
      execute(connection, "COMMIT");
    }

    @Override
    void rollBack(Connection connection) throws SQLException {
      try {
        execute(connection, "ROLLBACK");
      } catch (SQLException e) {
        if (!String.valueOf(e.getMessage()).contains("no transaction is active")) {
          throw e;
        }
      }
    }

    @Override
    boolean oneWriter() {
      return true;
    }

    @Override
    String skipLocked() {
      return "";
    }

    @Override
    void lockSchema(Connection connection) {
      // The one writer is alone.
    }

    @Override
    String columns() {
      return "SELECT name FROM pragma_table_info(?)";
    }

    @Override
    List<String> indexes() {
      return List.of();
    }

    @Override
    FirnException failure(String doing, SQLException error) {
      return SqlFailures.sqlite(doing, SqlFailures.origin(error));
    }

    @Override
    boolean isDuplicate(SQLException error) {
      return (error.getErrorCode() & 0xff) == SQLITE_CONSTRAINT;
    }

    @Override
    boolean isFull(SQLException error) {
      return (error.getErrorCode() & 0xff) == SQLITE_FULL;
    }

    @Override
    boolean isTransient(SQLException error) {
      int code = SqlFailures.origin(error).getErrorCode() & 0xff;
      return code == SQLITE_BUSY || code == SQLITE_LOCKED || code == SQLITE_PROTOCOL;
    }
  },

  POSTGRESQL("CAST(extract(epoch from clock_timestamp()) * 1000 AS BIGINT)", Integer.MAX_VALUE) {
    @Override
    public String bytewise(String column) {
      return column + " COLLATE \"C\"";
    }

    @Override
    void begin(Connection connection) throws SQLException {
      connection.setAutoCommit(false);
    }

    @Override
    void beginReading(Connection connection) throws SQLException {
      connection.setAutoCommit(false);
      execute(connection, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY");
    }

    @Override
    void commit(Connection connection) throws SQLException {
      connection.commit();
    }

    @Override
    void rollBack(Connection connection) throws SQLException {
      connection.rollback();
    }

    @Override
    boolean oneWriter() {
      return false;
    }

    @Override
    String skipLocked() {
      return " FOR UPDATE SKIP LOCKED";
    }

    @Override
    void lockSchema(Connection connection) throws SQLException {
      execute(connection, "SELECT pg_advisory_xact_lock(" + SCHEMA_LOCK + ")");
    }

    @Override
    String columns() {
      return "SELECT column_name FROM information_schema.columns"
          + " WHERE table_schema = current_schema() AND table_name = ?";
    }

    @Override
    List<String> indexes() {
      // The primary keys are in the database's collation, by which no prefix can be found.
      return List.of(
          "CREATE INDEX IF NOT EXISTS firn_tables_bytewise ON iceberg_tables"
              + "(catalog_name, table_namespace COLLATE \"C\", table_name COLLATE \"C\")",
          "CREATE INDEX IF NOT EXISTS firn_namespaces_bytewise ON iceberg_namespace_properties"
              + "(catalog_name, namespace COLLATE \"C\")");
    }

    @Override
    FirnException failure(String doing, SQLException error) {
      return SqlFailures.postgresql(doing, SqlFailures.origin(error));
    }

    @Override
    boolean isDuplicate(SQLException error) {
      return DUPLICATE.contains(String.valueOf(error.getSQLState()));
    }

    @Override
    boolean isFull(SQLException error) {
      return "53100".equals(error.getSQLState());
    }

    @Override
    boolean isTransient(SQLException error) {
      SQLException origin = SqlFailures.origin(error);
      String state = String.valueOf(origin.getSQLState());
      return state.startsWith("40")
          || state.startsWith("08")
          || AWAY.contains(state)
          || origin instanceof SQLTransientConnectionException;
    }
  };

  private static final int SQLITE_BUSY = 5;
  private static final int SQLITE_LOCKED = 6;
  private static final int SQLITE_FULL = 13;
  private static final int SQLITE_PROTOCOL = 15;
  private static final int SQLITE_CONSTRAINT = 19;

  /** Shut down, crashed, starting; session ended; too many connections; lock waited for. */
  private static final Set<String> AWAY =
      Set.of("57P01", "57P02", "57P03", "57P05", "25P03", "53300", "55P03");

  private static final Set<String> DUPLICATE = Set.of("23505", "42P07", "42701");

  /** "firn" in ASCII: one at a time makes or changes the tables of a database. */
  private static final long SCHEMA_LOCK = 0x6669726e;

  private final String now;
  private final int tries;

  Dialect(String now, int tries) {
    this.now = now;
    this.tries = tries;
  }

  /** Returns the database's clock as an SQL expression, in milliseconds since 1970. */
  public String now() {
    return now;
  }

  /**
   * Returns a column as an SQL expression that is compared and sorted byte by byte, by an index
   * where it is a namespace or a table's name: for ranges, {@code bytewise("table_namespace") + "
   * >= ?"}.
   */
  public abstract String bytewise(String column);

  /**
   * How often a call is tried. SQLite has waited already, as long as {@code busy_timeout} says,
   * when it reports that it is busy.
   */
  int tries() {
    return tries;
  }

  /** Begins a writing transaction. */
  abstract void begin(Connection connection) throws SQLException;

  /** Begins a transaction that sees the database as it is at one moment. */
  abstract void beginReading(Connection connection) throws SQLException;

  abstract void commit(Connection connection) throws SQLException;

  /** Ends the transaction without effect; nothing where there is none. */
  abstract void rollBack(Connection connection) throws SQLException;

  /** Whether only one transaction can write at a time, so that others wait better outside. */
  abstract boolean oneWriter();

  /** Returns what makes a SELECT lock its rows, leaving out those that others have locked. */
  abstract String skipLocked();

  /** Waits until no other transaction changes the catalog's tables; held until this one ends. */
  abstract void lockSchema(Connection connection) throws SQLException;

  /** Returns a query of a table's columns, in the schema of the connection; none: no table. */
  abstract String columns();

  /** Returns the indexes on Iceberg's tables, beside the primary keys. */
  abstract List<String> indexes();

  abstract FirnException failure(String doing, SQLException error);

  /** Whether a row with this key, or a table or column of this name, was there already. */
  abstract boolean isDuplicate(SQLException error);

  /** Whether the database refused to write because its disk is full. */
  abstract boolean isFull(SQLException error);

  /** Whether the same transaction may succeed on another try, or another connection. */
  abstract boolean isTransient(SQLException error);

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
