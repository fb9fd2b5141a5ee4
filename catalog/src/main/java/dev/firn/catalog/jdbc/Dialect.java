package dev.firn.catalog.jdbc;

import dev.firn.catalog.error.SqlFailures;
import dev.firn.error.FirnException;
import java.sql.SQLException;

/** What the supported databases do differently. */
public enum Dialect {
  SQLITE("CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)") {
    @Override
    FirnException failure(String doing, SQLException error) {
      return SqlFailures.sqlite(doing, error);
    }

    @Override
    boolean isDuplicate(SQLException error) {
      return (error.getErrorCode() & 0xff) == SQLITE_CONSTRAINT;
    }

    @Override
    boolean isTransient(SQLException error) {
      int code = error.getErrorCode() & 0xff;
      return code == SQLITE_BUSY || code == SQLITE_LOCKED;
    }
  },
  POSTGRESQL("CAST(extract(epoch from clock_timestamp()) * 1000 AS BIGINT)") {
    @Override
    FirnException failure(String doing, SQLException error) {
      return SqlFailures.postgresql(doing, error);
    }

    @Override
    boolean isDuplicate(SQLException error) {
      return "23505".equals(error.getSQLState());
    }

    @Override
    boolean isTransient(SQLException error) {
      String state = String.valueOf(error.getSQLState());
      return state.startsWith("40") || state.startsWith("08") || state.startsWith("57P");
    }
  };

  private static final int SQLITE_BUSY = 5;
  private static final int SQLITE_LOCKED = 6;
  private static final int SQLITE_CONSTRAINT = 19;

  private final String now;

  Dialect(String now) {
    this.now = now;
  }

  /** Returns the database's clock as an SQL expression, in milliseconds since 1970. */
  public String now() {
    return now;
  }

  abstract FirnException failure(String doing, SQLException error);

  /** Whether a row with this key was there already. */
  abstract boolean isDuplicate(SQLException error);

  /** Whether the same transaction may succeed on another try, or another connection. */
  abstract boolean isTransient(SQLException error);
}
