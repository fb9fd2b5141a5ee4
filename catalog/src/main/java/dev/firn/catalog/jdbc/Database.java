package dev.firn.catalog.jdbc;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.firn.error.FirnException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.UUID;
import java.util.function.UnaryOperator;
import javax.sql.DataSource;
import org.apache.iceberg.exceptions.CommitStateUnknownException;
import org.jspecify.annotations.Nullable;

/**
 * The catalog's database, through a bounded pool of connections. Thread-safe; owns the pool until
 * {@link #close()}.
 *
 * <p>How it works: every writing transaction inserts a marker row with an id of its own. Where the
 * answer to its COMMIT is lost, another connection inserts the same marker as abandoned: if that
 * succeeds, the transaction was not applied and, because its own marker can no longer be inserted,
 * never will be; if the row is there, it was applied; if the database does not answer, the outcome
 * is unknown, and that is what the caller is told.
 */
public final class Database implements AutoCloseable {
  private static final int ATTEMPTS = 4;

  /** Statements of one transaction, or of one look. */
  public interface Work<T extends @Nullable Object> {
    T run(Connection connection) throws SQLException;
  }

  /** What a writing transaction decided, having seen the rows. */
  public record Decision<T extends @Nullable Object>(boolean commit, T value) {
    public static <T extends @Nullable Object> Decision<T> commit(T value) {
      return new Decision<>(true, value);
    }

    public static <T extends @Nullable Object> Decision<T> rollBack(T value) {
      return new Decision<>(false, value);
    }
  }

  private final HikariDataSource pool;
  private final DataSource connections;
  private final Dialect dialect;
  private final Markers markers;

  private Database(HikariDataSource pool, DataSource connections, Dialect dialect) {
    this.pool = pool;
    this.connections = connections;
    this.dialect = dialect;
    this.markers = new Markers(this);
  }

  /**
   * Opens the pool and makes or migrates the tables. {@code decorate} wraps it: to inject faults.
   */
  static Database open(HikariConfig config, Dialect dialect, UnaryOperator<DataSource> decorate) {
    HikariDataSource pool = new HikariDataSource(config);
    try {
      Database database = new Database(pool, decorate.apply(pool), dialect);
      Migrations.run(database);
      return database;
    } catch (RuntimeException e) {
      pool.close();
      throw e;
    }
  }

  public Dialect dialect() {
    return dialect;
  }

  /**
   * Runs statements that only read, each in a transaction of its own; on a dead connection, again
   * on another. {@code doing} continues "Cannot …".
   */
  public <T extends @Nullable Object> T read(String doing, Work<T> work) {
    for (int attempt = 1; ; attempt++) {
      try (Connection connection = connections.getConnection()) {
        return work.run(connection);
      } catch (SQLException e) {
        if (attempt == ATTEMPTS || !dialect.isTransient(e)) {
          throw dialect.failure(doing, e);
        }
      }
    }
  }

  /**
   * Runs one writing transaction, and again where the database surely did not apply it and another
   * try may succeed.
   *
   * @throws CommitStateUnknownException where it may or may not have been applied
   */
  public <T extends @Nullable Object> T write(String doing, Work<Decision<T>> work) {
    for (int attempt = 1; ; attempt++) {
      try {
        return once(doing, work);
      } catch (SQLException e) {
        if (attempt == ATTEMPTS || !dialect.isTransient(e)) {
          throw dialect.failure(doing, e);
        }
      }
    }
  }

  /** Throws SQLException only where nothing was applied. */
  private <T extends @Nullable Object> T once(String doing, Work<Decision<T>> work)
      throws SQLException {
    UUID marker = UUID.randomUUID();
    Decision<T> decision;
    try (Connection connection = connections.getConnection()) {
      connection.setAutoCommit(false);
      boolean decided = false;
      try {
        markers.insert(connection, marker);
        decision = work.run(connection);
        decided = decision.commit();
      } finally {
        if (!decided) {
          rollBack(connection);
        }
      }
      if (decided) {
        commit(doing, connection, marker);
      }
    }
    return decision.value();
  }

  private void commit(String doing, Connection connection, UUID marker) throws SQLException {
    try {
      connection.commit();
    } catch (SQLException e) {
      if (!markers.applied(doing, marker, e)) {
        throw e;
      }
    }
  }

  /** A connection that cannot roll back is dead, and the database rolls back for it. */
  private static void rollBack(Connection connection) {
    try {
      connection.rollback();
    } catch (SQLException e) {
      // The first failure is the one to tell; the pool drops the connection.
    }
  }

  /** Returns a connection outside of the pool's retries, in auto-commit. */
  Connection connection() throws SQLException {
    return connections.getConnection();
  }

  @Override
  public void close() {
    pool.close();
  }

  static FirnException invalid(String message) {
    return FirnException.invalid(message);
  }
}
