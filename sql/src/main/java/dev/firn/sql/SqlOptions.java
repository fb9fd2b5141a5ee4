package dev.firn.sql;

import dev.firn.error.FirnException;
import dev.firn.scan.SnapshotSelector;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * How a session runs. Immutable: each call returns another.
 *
 * @param asOf which snapshot every table is read at
 * @param tablesAsOf tables, by full name in any case, that are read at another snapshot
 * @param currentSchema whether the past is read in today's columns and names instead of those of
 *     its time
 * @param memoryBytes what DuckDB may hold in memory per statement; beyond it sorts, joins and
 *     aggregates spill to {@code tempParent}
 * @param threads DuckDB's threads per statement
 * @param tempParent where the session makes its private spill directory
 */
public record SqlOptions(
    SnapshotSelector asOf,
    Map<String, SnapshotSelector> tablesAsOf,
    boolean currentSchema,
    long memoryBytes,
    int threads,
    Path tempParent) {
  private static final long LEAST_MEMORY = 16L << 20;

  /** The newest rows, 1 GiB, a thread per processor, the system's temporary directory. */
  public static final SqlOptions DEFAULT =
      new SqlOptions(
          new SnapshotSelector.Current(),
          Map.of(),
          false,
          1L << 30,
          Runtime.getRuntime().availableProcessors(),
          Path.of(System.getProperty("java.io.tmpdir")));

  public SqlOptions {
    Map<String, SnapshotSelector> anyCase = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    anyCase.putAll(tablesAsOf);
    tablesAsOf = Collections.unmodifiableMap(anyCase);
    if (memoryBytes < LEAST_MEMORY) {
      throw FirnException.invalid(
          "Cannot run SQL in %d bytes: expected %d at least".formatted(memoryBytes, LEAST_MEMORY));
    }
    if (threads < 1) {
      throw FirnException.invalid(
          "Cannot run SQL on %d threads: expected 1 at least".formatted(threads));
    }
  }

  /** Reads every table that has no selector of its own at {@code snapshot}. */
  public SqlOptions asOf(SnapshotSelector snapshot) {
    return new SqlOptions(snapshot, tablesAsOf, currentSchema, memoryBytes, threads, tempParent);
  }

  /** Reads one table at {@code snapshot}. */
  public SqlOptions asOf(String table, SnapshotSelector snapshot) {
    Map<String, SnapshotSelector> more = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    more.putAll(tablesAsOf);
    more.put(table, snapshot);
    return new SqlOptions(asOf, more, currentSchema, memoryBytes, threads, tempParent);
  }

  /** Reads the past in today's columns and names. */
  public SqlOptions inCurrentSchema() {
    return new SqlOptions(asOf, tablesAsOf, true, memoryBytes, threads, tempParent);
  }

  public SqlOptions memoryBytes(long bytes) {
    return new SqlOptions(asOf, tablesAsOf, currentSchema, bytes, threads, tempParent);
  }

  public SqlOptions threads(int count) {
    return new SqlOptions(asOf, tablesAsOf, currentSchema, memoryBytes, count, tempParent);
  }

  public SqlOptions tempParent(Path directory) {
    return new SqlOptions(asOf, tablesAsOf, currentSchema, memoryBytes, threads, directory);
  }

  SnapshotSelector of(String table) {
    return tablesAsOf.getOrDefault(table, asOf);
  }
}
