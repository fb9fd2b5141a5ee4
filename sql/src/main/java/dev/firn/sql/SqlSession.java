package dev.firn.sql;

import dev.firn.Lakehouse;
import dev.firn.error.FirnException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.apache.arrow.memory.BufferAllocator;

/**
 * Runs read-only SQL, in DuckDB's dialect, over the tables of a lakehouse. Tables are called {@code
 * namespace.table}, or {@code "outer.inner".table} in a nested namespace. Thread-safe. Borrows the
 * lakehouse; owns its results and a private spill directory until closed.
 *
 * <p>Each query sees one snapshot per table, chosen when it starts, and cannot write, change
 * settings, or reach files or the network.
 */
public final class SqlSession implements AutoCloseable {
  private final Lakehouse lake;
  private final SqlOptions options;
  private final Path spill;
  private final AtomicLong queries = new AtomicLong();
  private final Set<DuckQuery> starting = ConcurrentHashMap.newKeySet();
  private final Set<SqlResult> open = ConcurrentHashMap.newKeySet();

  private SqlSession(Lakehouse lake, SqlOptions options, Path spill) {
    this.lake = lake;
    this.options = options;
    this.spill = spill;
  }

  /** Opens a session with {@link SqlOptions#DEFAULT}. */
  public static SqlSession open(Lakehouse lake) {
    return open(lake, SqlOptions.DEFAULT);
  }

  /** Opens a session. */
  public static SqlSession open(Lakehouse lake, SqlOptions options) {
    try {
      Files.createDirectories(options.tempParent());
      return new SqlSession(
          lake, options, Files.createTempDirectory(options.tempParent(), "firn-sql-"));
    } catch (IOException e) {
      throw FirnException.unavailable(
          "Cannot open an SQL session: no spill directory can be made in " + options.tempParent(),
          e);
    }
  }

  /**
   * Runs one query: SELECT, VALUES, WITH, FROM, DESCRIBE, SUMMARIZE, SHOW, or EXPLAIN of one. The
   * caller closes the result. A script of several statements is refused: run each of {@link
   * SqlScript#split} in turn.
   *
   * @throws FirnException (not found) for a missing table; (invalid) for any other fault of the
   *     query, with its place; or as the scan of a table failed
   */
  public SqlResult query(String sql) {
    String statement = single(sql);
    BufferAllocator memory = lake.allocator().newChildAllocator("sql", 0, Long.MAX_VALUE);
    try {
      return start(statement, memory);
    } catch (RuntimeException e) {
      Closing.after(e, memory);
      throw e;
    }
  }

  private SqlResult start(String statement, BufferAllocator memory) {
    DuckQuery.Context context =
        new DuckQuery.Context(
            new LakeNames(lake), options, spill.resolve("q" + queries.incrementAndGet()), memory);
    DuckQuery query = DuckQuery.prepare(context, statement);
    starting.add(query);
    try {
      query.execute();
      SqlResult result = new SqlResult(statement, query, memory, open::remove);
      open.add(result);
      return result;
    } catch (SQLException | IOException | RuntimeException e) {
      FirnException translated = query.translate(statement, e);
      Closing.after(translated, query);
      throw translated;
    } finally {
      starting.remove(query);
    }
  }

  private static String single(String sql) {
    List<String> statements = SqlScript.split(sql);
    if (statements.size() != 1) {
      throw FirnException.invalid(
          "Cannot run the SQL: expected one statement, got %d".formatted(statements.size()));
    }
    return statements.get(0);
  }

  /** Interrupts every query that runs; each fails as unavailable. */
  public void cancel() {
    starting.forEach(DuckQuery::cancel);
    open.forEach(SqlResult::cancel);
  }

  /** Closes the results that are still open and removes the spill directory. */
  @Override
  public void close() {
    List.copyOf(open).forEach(SqlResult::close);
    try (Stream<Path> files = Files.walk(spill)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
