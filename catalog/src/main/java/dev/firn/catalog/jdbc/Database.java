package dev.firn.catalog.jdbc;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.pool.HikariPool.PoolInitializationException;
import dev.firn.error.FirnException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientException;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.UnaryOperator;
import javax.sql.DataSource;
import org.apache.iceberg.exceptions.CommitStateUnknownException;
import org.jspecify.annotations.Nullable;

/**
 * The catalog's database, through a bounded pool of connections. Thread-safe; owns the pool until
 * {@link #close()}.
 *
 * <p>How it works: every writing transaction inserts a marker row with an id of its own. Where the
 * answer to its COMMIT is lost, another connection inserts the same marker as given up: if that
 * succeeds, the transaction was not applied and, because its own marker can no longer be inserted,
 * never will be; if the row is there, it was applied; if the database does not answer, the outcome
 * is unknown, and that is what the caller is told. What fails before COMMIT is sent was surely not
 * applied, and is tried again where that may help; what fails after it was answered, on the
 * connection's way back to the pool, is nobody's concern.
 */
public final class Database implements AutoCloseable {
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

  /** Fair: who waits in the database instead, polls for its turn and may starve. */
  private final Lock writer = new ReentrantLock(true);

  private volatile Duration total = Patience.TOTAL;

  private Database(HikariDataSource pool, DataSource connections, Dialect dialect) {
    this.pool = pool;
    this.connections = connections;
    this.dialect = dialect;
    this.markers = new Markers(this);
  }

  /**
   * Opens the pool and makes or migrates the tables. {@code decorate} wraps it: to inject faults.
   */
  static Database open(
      String doing, HikariConfig config, Dialect dialect, UnaryOperator<DataSource> decorate) {
    HikariDataSource pool = connect(doing, config, dialect);
    try {
      Database database = new Database(pool, decorate.apply(pool), dialect);
      Migrations.run(doing, database);
      return database;
    } catch (RuntimeException e) {
      pool.close();
      throw e;
    }
  }

  private static HikariDataSource connect(String doing, HikariConfig config, Dialect dialect) {
    try {
      return new HikariDataSource(config);
    } catch (PoolInitializationException e) {
      if (e.getCause() instanceof SQLException cause) {
        throw dialect.failure(doing, cause);
      }
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
    return tried(doing, patience -> look(work));
  }

  /** As {@link #read}, but all statements see the database as it is at one moment. */
  public <T extends @Nullable Object> T readTogether(String doing, Work<T> work) {
    return tried(doing, patience -> lookTogether(work));
  }

  /**
   * Runs one writing transaction, and again where the database surely did not apply it and another
   * try may succeed. Brings a commit that has begun to its end even where the thread is
   * interrupted.
   *
   * @throws CommitStateUnknownException where it may or may not have been applied
   */
  public <T extends @Nullable Object> T write(String doing, Work<Decision<T>> work) {
    markers.removeOldSometimes();
    return tried(
        doing,
        patience -> {
          if (!dialect.oneWriter()) {
            return once(doing, work);
          }
          if (!patience.acquire(writer)) {
            throw dialect.failure(doing, new SQLTransientException("others write", null, 5));
          }
          try {
            return once(doing, work);
          } finally {
            writer.unlock();
          }
        });
  }

  /**
   * Changes tables, in one transaction that does no harm when it is run again: so it is, where its
   * outcome is in doubt.
   */
  void alter(String doing, Work<Boolean> work) {
    tried(
        doing,
        patience -> {
          Connection connection = connection();
          boolean committed = false;
          try {
            dialect.begin(connection);
            work.run(connection);
            dialect.commit(connection);
            committed = true;
          } catch (SQLException e) {
            // Another engine made the same table at the same moment: it is there the next time.
            throw dialect.isDuplicate(e) ? new SQLException(e.getMessage(), "40001", 5, e) : e;
          } finally {
            giveBack(connection, committed || rollBack(connection));
          }
          return committed;
        });
  }

  private interface Try<T extends @Nullable Object> {
    T run(Patience patience) throws SQLException;
  }

  /** Runs what throws SQLException only where nothing was applied. */
  private <T extends @Nullable Object> T tried(String doing, Try<T> work) {
    try (Patience patience = new Patience(total, dialect.tries())) {
      while (true) {
        try {
          return work.run(patience);
        } catch (SQLException e) {
          boolean may = dialect.isTransient(e) || e.getCause() instanceof InterruptedException;
          if (pool.isClosed()) {
            throw FirnException.invalid(
                "Cannot %s: the catalog is closed; open it again".formatted(doing));
          }
          if (!may || !patience.again()) {
            throw dialect.failure(doing, e);
          }
        }
      }
    }
  }

  private <T extends @Nullable Object> T look(Work<T> work) throws SQLException {
    Connection connection = connection();
    boolean alive = true;
    try {
      return work.run(connection);
    } catch (SQLException e) {
      // Dead connections are not always known to the pool.
      alive = false;
      throw e;
    } finally {
      giveBack(connection, alive);
    }
  }

  private <T extends @Nullable Object> T lookTogether(Work<T> work) throws SQLException {
    Connection connection = connection();
    try {
      dialect.beginReading(connection);
      return work.run(connection);
    } finally {
      giveBack(connection, rollBack(connection));
    }
  }

  private <T extends @Nullable Object> T once(String doing, Work<Decision<T>> work)
      throws SQLException {
    UUID marker = UUID.randomUUID();
    Decision<T> decision;
    SQLException doubt = null;
    boolean committed = false;
    Connection connection = connection();
    try {
      dialect.begin(connection);
      markers.insert(connection, marker);
      decision = work.run(connection);
      if (decision.commit()) {
        doubt = commit(connection);
        committed = doubt == null;
      }
    } finally {
      // Before the outcome is looked up: that needs a connection too, and no lock of ours.
      giveBack(connection, committed || rollBack(connection));
    }
    if (doubt != null && !markers.applied(doing, marker, doubt)) {
      throw doubt;
    }
    return decision.value();
  }

  /** Returns the failure after which it may or may not have been applied. */
  private @Nullable SQLException commit(Connection connection) {
    try {
      dialect.commit(connection);
      return null;
    } catch (SQLException e) {
      return e;
    }
  }

  /** Returns whether the connection is alive; if not, the database rolls back for it. */
  private boolean rollBack(Connection connection) {
    try {
      dialect.rollBack(connection);
      return true;
    } catch (SQLException e) {
      return false;
    }
  }

  /**
   * Gives a connection back to the pool, or ends it where it is not alive. What it held has been
   * applied or rolled back: its failure changes nothing.
   */
  void giveBack(Connection connection, boolean alive) {
    try {
      if (alive) {
        connection.close();
        return;
      }
    } catch (SQLException e) {
      // It is ended.
    }
    pool.evictConnection(connection);
    try {
      // The pool's own, where a decoration is around it.
      pool.evictConnection(connection.unwrap(Connection.class));
    } catch (SQLException e) {
      // Dead already; the pool finds that out when it is borrowed next.
    }
  }

  /** Returns a connection outside of the retries, in auto-commit; to be given back. */
  Connection connection() throws SQLException {
    return connections.getConnection();
  }

  Duration patience() {
    return total;
  }

  /** Bounds how long a call tries again, for tests of a database that stays away. */
  void patience(Duration most) {
    this.total = most;
  }

  @Override
  public void close() {
    pool.close();
  }
}
