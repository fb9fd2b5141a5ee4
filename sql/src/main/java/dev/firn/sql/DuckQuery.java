package dev.firn.sql;

import dev.firn.error.FirnException;
import dev.firn.scan.SnapshotSelector;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.duckdb.DuckDBConnection;
import org.duckdb.DuckDBResultSet;
import org.jspecify.annotations.Nullable;

/**
 * One running query: a DuckDB instance of its own, fed over plain JDBC with an Arrow stream per
 * table. Owns the instance and the streams. Confined to one thread, but for {@link #cancel()}.
 *
 * <p>How it works. DuckDB's parser tells the tables that the query names; each becomes a view,
 * under the name that the query uses, of a stream over the table's scan. A stream can be read once,
 * so a table that the query names more than once is copied to a DuckDB table first, which spills to
 * disk; and where DuckDB's plan would read any stream again (a common table expression put in
 * twice, a recursion), every table is. The columns scanned are those whose names the query mentions
 * anywhere, or all where a star or the like may reach others. Filters are DuckDB's.
 */
final class DuckQuery implements AutoCloseable {
  private static final int RESULT_BATCH_ROWS = 16_384;
  private static final Pattern EXPLAIN =
      Pattern.compile(
          "explain\\b(\\s+analyze\\b)?\\s*(\\(\\s*format\\s+\\w+\\s*\\))?",
          Pattern.CASE_INSENSITIVE);
  private static final Pattern STREAM_SCAN = Pattern.compile("\"name\"\\s*:\\s*\"ARROW_SCAN");
  private static final Pattern RECURSION = Pattern.compile("\"name\"\\s*:\\s*\"REC[A-Z_]*CTE");

  /** What a query runs on. */
  record Context(LakeNames names, SqlOptions options, Path spill, BufferAllocator allocator) {}

  private final Context context;
  private final DuckDBConnection duck;
  private final ScanFeed feed;
  private volatile boolean cancelled;
  private volatile @Nullable PreparedStatement running;
  private volatile @Nullable DuckQuery retelling;
  private @Nullable DuckDBResultSet rows;
  private @Nullable ArrowReader batches;
  private @Nullable ResultShape shape;

  private DuckQuery(Context context, boolean streamed) throws SQLException {
    this.context = context;
    this.duck = connect(context, streamed);
    this.feed = new ScanFeed(context.allocator());
  }

  /** Prepares {@code query}, one statement without its semicolon. The caller closes it. */
  static DuckQuery prepare(Context context, String query) {
    try {
      return prepare(context, query, true);
    } catch (SQLException e) {
      throw SqlErrors.of(context.names(), e);
    }
  }

  private static DuckQuery prepare(Context context, String query, boolean streamed)
      throws SQLException {
    try {
      return attempt(context, query, streamed, true);
    } catch (SQLException e) {
      // Again with every column, so that a mistyped name gets DuckDB's hints.
      return attempt(context, query, streamed, false);
    }
  }

  private static DuckQuery attempt(Context context, String query, boolean streamed, boolean pruned)
      throws SQLException {
    DuckQuery attempt = new DuckQuery(context, streamed);
    try {
      attempt.bind(query, pruned);
      return attempt;
    } catch (SQLException | RuntimeException e) {
      FirnException failure = attempt.feed.failure();
      Closing.after(e, attempt);
      if (failure != null) {
        throw failure;
      }
      throw e;
    }
  }

  private static DuckDBConnection connect(Context context, boolean streamed) throws SQLException {
    Properties sandbox = new Properties();
    for (String closed :
        List.of(
            "enable_external_access",
            "autoinstall_known_extensions",
            "autoload_known_extensions",
            "allow_community_extensions")) {
      sandbox.setProperty(closed, "false");
    }
    sandbox.setProperty("threads", Integer.toString(context.options().threads()));
    sandbox.setProperty("memory_limit", (context.options().memoryBytes() >> 10) + "KiB");
    sandbox.setProperty("temp_directory", context.spill().toString());
    sandbox.setProperty("jdbc_stream_results", Boolean.toString(streamed));
    DuckDBConnection duck =
        DriverManager.getConnection("jdbc:duckdb:", sandbox).unwrap(DuckDBConnection.class);
    try (Statement statement = duck.createStatement()) {
      statement.execute("set TimeZone = 'UTC'");
      statement.execute("set lock_configuration = true");
      return duck;
    } catch (SQLException e) {
      duck.close();
      throw e;
    }
  }

  private void bind(String query, boolean pruned) throws SQLException {
    Matcher explain = EXPLAIN.matcher(query).region(SqlScript.firstWord(query), query.length());
    boolean explained = explain.lookingAt();
    boolean reads = !explained || explain.group(1) != null;
    String body = explained ? query.substring(explain.end()) : query;
    StatementTree tree = StatementTree.parse(duck, body);
    Map<String, Source> sources = sources(tree, pruned ? tree : null);
    placeInCatalogs(sources.values());
    for (Source source : sources.values()) {
      source.open();
      if (reads && source.uses > 1) {
        source.copy();
      }
    }
    ResultShape bound;
    try (PreparedStatement prepared = duck.prepareStatement(query)) {
      bound = ResultShape.of(prepared);
    }
    String wrapped = bound.wrap(query);
    if (reads && readsAgain(explained ? body : wrapped, sources)) {
      for (Source source : sources.values()) {
        source.copy();
      }
    }
    shape = bound;
    running = duck.prepareStatement(wrapped);
  }

  private Map<String, Source> sources(StatementTree tree, @Nullable StatementTree columns) {
    Map<String, Source> sources = new LinkedHashMap<>();
    Map<String, Optional<LakeNames.Named>> found = new TreeMap<>();
    for (List<String> path : tree.tables()) {
      String key = String.join("\u001f", path).toLowerCase(Locale.ROOT);
      Optional<LakeNames.Named> table = found.computeIfAbsent(key, k -> context.names().find(path));
      if (table.isPresent()) {
        sources.computeIfAbsent(key, k -> new Source(path, table.get(), columns, sources.size()))
            .uses++;
      } else if (!path.get(0).equalsIgnoreCase("information_schema")
          && !path.get(0).equalsIgnoreCase("pg_catalog")) {
        throw context.names().missing(String.join(".", path), null);
      }
    }
    return sources;
  }

  /**
   * A name of three parts makes a catalog of its first; then DuckDB takes the first part of a name
   * of two for the catalog as well, and looks in its schema main.
   */
  private static void placeInCatalogs(Collection<Source> sources) {
    Set<String> catalogs = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
    sources.stream()
        .filter(source -> source.path.size() == 3)
        .forEach(source -> catalogs.add(source.path.get(0)));
    for (Source source : sources) {
      if (source.path.size() == 2 && catalogs.contains(source.path.get(0))) {
        source.path = List.of(source.path.get(0), "main", source.path.get(1));
      }
    }
  }

  private boolean readsAgain(String query, Map<String, Source> sources) throws SQLException {
    long streams = sources.values().stream().filter(source -> !source.copied).count();
    if (streams == 0) {
      return false;
    }
    StringBuilder plan = new StringBuilder();
    try (Statement explain = duck.createStatement();
        ResultSet result = explain.executeQuery("explain (format json) " + query)) {
      while (result.next()) {
        plan.append(result.getString(2));
      }
    }
    return STREAM_SCAN.matcher(plan).results().count() > streams || RECURSION.matcher(plan).find();
  }

  /** Runs the query until its first rows are there. */
  void execute() throws SQLException {
    rows = running().executeQuery().unwrap(DuckDBResultSet.class);
    batches = (ArrowReader) rows.arrowExportStream(context.allocator(), RESULT_BATCH_ROWS);
  }

  private PreparedStatement running() {
    if (running == null) {
      throw new IllegalStateException("the query is closed");
    }
    return running;
  }

  /** Returns the result's batches, whose reader stays this query's. */
  ArrowReader batches() {
    if (batches == null) {
      throw new IllegalStateException("the query is not running");
    }
    return batches;
  }

  ResultShape shape() {
    if (shape == null) {
      throw new IllegalStateException("the query is not bound");
    }
    return shape;
  }

  /** Interrupts the query from any thread; it then fails. */
  void cancel() {
    cancelled = true;
    DuckQuery telling = retelling;
    if (telling != null) {
      telling.cancel();
    }
    PreparedStatement statement = running;
    if (statement != null) {
      try {
        statement.cancel();
      } catch (SQLException e) {
        // It ended by itself meanwhile, which leaves nothing to interrupt.
      }
    }
  }

  /** Returns what the error means to the caller: a scan's own failure where that was the cause. */
  FirnException translate(String query, Exception error) {
    FirnException failure = feed.failure();
    if (failure != null) {
      return failure;
    }
    if (error instanceof FirnException firn) {
      return firn;
    }
    boolean untold = String.valueOf(error.getMessage()).contains(SqlErrors.UNTOLD);
    Exception told = untold && !cancelled ? retold(query, error) : error;
    if (cancelled) {
      return FirnException.unavailable("Cannot run the SQL statement: it was cancelled", error);
    }
    return SqlErrors.of(context.names(), told);
  }

  /** Streamed results lose the reason of a failure, so runs the query again without streaming. */
  private Exception retold(String query, Exception untold) {
    try (DuckQuery again = prepare(context, query, false)) {
      retelling = again;
      if (!cancelled) {
        again.execute();
      }
      return untold;
    } catch (SQLException e) {
      return e;
    } finally {
      retelling = null;
    }
  }

  /** Frees the result, then the instance, which lets go of the streams, then the streams. */
  @Override
  public void close() {
    ArrowReader reader = batches;
    PreparedStatement statement = running;
    batches = null;
    running = null;
    Closing.all(reader, rows, statement, duck, feed);
  }

  /** A table of the lakehouse under the name by which the query calls it. */
  private final class Source {
    private List<String> path;
    private final LakeNames.Named table;
    private final ScanFeed.Columns columns;
    private final String stream;
    private int uses;
    private boolean copied;

    Source(List<String> path, LakeNames.Named named, @Nullable StatementTree tree, int number) {
      SqlOptions options = context.options();
      SnapshotSelector at = named.at();
      this.path = path;
      this.table = named;
      this.columns =
          new ScanFeed.Columns(
              at == null ? options.of(table.name()) : at, options.currentSchema(), tree);
      this.stream = "firn_scan_" + number;
    }

    void open() throws SQLException {
      if (path.size() > 3) {
        String namespace = String.join(".", path.subList(0, path.size() - 1));
        throw FirnException.invalid(
            "Cannot run the SQL statement: the name %s has too many parts; quote its namespace: \"%s\".%s"
                .formatted(table.name(), namespace, path.get(path.size() - 1)));
      }
      feed.register(duck, stream, table, columns);
      if (path.size() == 3) {
        run("attach if not exists ':memory:' as " + ResultShape.quoted(path.get(0)));
      }
      run("create schema if not exists " + name(path.subList(0, path.size() - 1)));
      run("create view %s as from temp.main.%s".formatted(name(path), stream));
    }

    /** Replaces the view of the stream by a copy of its rows. */
    void copy() throws SQLException {
      if (copied) {
        return;
      }
      run("drop view " + name(path));
      run("create table %s as from temp.main.%s".formatted(name(path), stream));
      copied = true;
    }

    private String name(List<String> parts) {
      return String.join(".", parts.stream().map(ResultShape::quoted).toList());
    }

    private void run(String sql) throws SQLException {
      try (Statement statement = duck.createStatement()) {
        statement.execute(sql);
      }
    }
  }
}
