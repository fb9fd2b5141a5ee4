package dev.firn.catalog.error;

import static dev.firn.catalog.error.IcebergErrors.failure;
import static dev.firn.catalog.error.IcebergErrors.reason;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;

/**
 * What the databases' error codes mean: SQLite's result codes (sqlite.org/rescode.html) and
 * PostgreSQL's SQLSTATE (appendix A of its manual). Stateless.
 */
public final class SqlFailures {
  private static final int SQLITE_PERM = 3;
  private static final int SQLITE_BUSY = 5;
  private static final int SQLITE_LOCKED = 6;
  private static final int SQLITE_READONLY = 8;
  private static final int SQLITE_IOERR = 10;
  private static final int SQLITE_CORRUPT = 11;
  private static final int SQLITE_FULL = 13;
  private static final int SQLITE_CANTOPEN = 14;
  private static final int SQLITE_NOTADB = 26;

  private SqlFailures() {}

  /** Returns the driver's own error, where the pool reports that it got no connection. */
  public static SQLException origin(SQLException error) {
    return error instanceof SQLTransientConnectionException
            && error.getCause() instanceof SQLException cause
        ? cause
        : error;
  }

  public static FirnException sqlite(String doing, SQLException error) {
    if (isWithoutConnection(error)) {
      return noConnection(doing, error);
    }
    return switch (error.getErrorCode() & 0xff) {
      case SQLITE_BUSY, SQLITE_LOCKED ->
          failure(
              ErrorKind.UNAVAILABLE,
              doing,
              "another process holds the catalog database (" + reason(error) + ")",
              "; nothing was applied; wait for that process to finish, or end it, and try again",
              error);
      case SQLITE_FULL ->
          failure(
              ErrorKind.UNAVAILABLE,
              doing,
              "the disk holding the catalog database is full (" + reason(error) + ")",
              "; nothing was committed; free space and run it again",
              error);
      case SQLITE_READONLY, SQLITE_PERM, SQLITE_CANTOPEN ->
          failure(
              ErrorKind.INVALID,
              doing,
              "the catalog database cannot be opened for writing (" + reason(error) + ")",
              "; give this user write access to the file and its directory",
              error);
      case SQLITE_CORRUPT, SQLITE_NOTADB ->
          failure(
              ErrorKind.CORRUPT,
              doing,
              "the catalog database is damaged (" + reason(error) + ")",
              "; restore it from a copy",
              error);
      case SQLITE_IOERR ->
          failure(ErrorKind.UNAVAILABLE, doing, reason(error), "; check the disk", error);
      default -> failure(ErrorKind.INTERNAL, doing, reason(error), "", error);
    };
  }

  public static FirnException postgresql(String doing, SQLException error) {
    if (isWithoutConnection(error)) {
      return noConnection(doing, error);
    }
    String state = String.valueOf(error.getSQLState());
    if (state.startsWith("28") || state.equals("42501")) {
      return failure(
          ErrorKind.INVALID,
          doing,
          "the database refused this user (" + reason(error) + ")",
          "; check jdbc.user and jdbc.password, and the user's rights",
          error);
    }
    if (state.equals("3D000")) {
      return failure(
          ErrorKind.NOT_FOUND, doing, reason(error), "; create the database first", error);
    }
    if (state.equals("3F000")) {
      return failure(
          ErrorKind.INVALID,
          doing,
          reason(error),
          "; name a schema that exists, by currentSchema in the URI",
          error);
    }
    if (state.startsWith("22")) {
      return failure(ErrorKind.INVALID, doing, reason(error), "", error);
    }
    if (state.equals("25006")) {
      return failure(
          ErrorKind.UNAVAILABLE,
          doing,
          "the database takes no writes (" + reason(error) + ")",
          "; nothing was applied; connect to the primary, not to a replica",
          error);
    }
    if (state.startsWith("40")) {
      return failure(
          ErrorKind.CONFLICT, doing, reason(error), "; nothing was applied, try again", error);
    }
    if (unreachable(state)) {
      return failure(
          ErrorKind.UNAVAILABLE,
          doing,
          "the database cannot be reached or is overloaded (" + reason(error) + ")",
          "; check that it runs and accepts connections, and try again",
          error);
    }
    return failure(
        ErrorKind.INTERNAL, doing, reason(error) + " (SQLSTATE " + state + ")", "", error);
  }

  /** The pool's own error, with none of the driver's beneath. */
  private static boolean isWithoutConnection(SQLException error) {
    return error instanceof SQLTransientConnectionException
        || error.getCause() instanceof InterruptedException;
  }

  private static FirnException noConnection(String doing, SQLException error) {
    return failure(
        ErrorKind.UNAVAILABLE,
        doing,
        "no connection to the catalog database was free (" + reason(error) + ")",
        "; nothing was applied; try again, or raise the property clients",
        error);
  }

  private static boolean unreachable(String state) {
    return state.equals("null")
        || state.equals("25P03")
        || state.startsWith("08")
        || state.startsWith("53")
        || state.startsWith("55")
        || state.startsWith("57")
        || state.startsWith("58");
  }
}
