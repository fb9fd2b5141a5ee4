package dev.firn.catalog.jdbc;

import dev.firn.error.FirnException;
import dev.firn.storage.local.DurableDirectories;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Map;
import java.util.Properties;
import java.util.Set;

/** The database file of an embedded catalog. Immutable. */
public final class SqliteFile {
  public static final String SCHEME = "jdbc:sqlite:";

  private static final String BUSY = "busy_timeout";
  private static final String JOURNAL = "journal_mode";
  private static final byte[] MAGIC = "SQLite format 3\0".getBytes(StandardCharsets.US_ASCII);

  /**
   * WAL lets readers go on beside the one writer; FULL makes an acknowledged commit survive a power
   * cut; the wait outlasts any commit, so that only a stuck process ends it.
   */
  static final Map<String, String> SETTINGS =
      Map.of("jdbc.journal_mode", "WAL", "jdbc.synchronous", "FULL", "jdbc.busy_timeout", "10000");

  private final Path path;

  private SqliteFile(Path path) {
    this.path = path;
  }

  /**
   * Checks that the file is, or can become, a catalog database, and makes its directory.
   *
   * @throws FirnException INVALID where it is something else
   */
  public static SqliteFile open(String uri) {
    SqliteFile file = new SqliteFile(path(uri));
    try {
      file.prepare();
    } catch (IOException e) {
      throw FirnException.unavailable("Cannot open catalog: %s [%s]".formatted(e, file.path), e);
    }
    return file;
  }

  /** Returns the driver's URI of the file. */
  String uri() {
    return SCHEME + path;
  }

  /**
   * Looks whether the database is a catalog, or empty, with a connection of its own that changes
   * nothing; then makes the file what the pool's connections expect.
   *
   * @throws FirnException INVALID where it is another program's
   */
  void prepare(Properties driver) throws SQLException {
    try (Connection connection =
            DriverManager.getConnection(uri() + "?busy_timeout=" + driver.getProperty(BUSY, "0"));
        Statement statement = connection.createStatement()) {
      requireCatalog(statement);
      String mode = driver.getProperty(JOURNAL);
      if (mode != null) {
        statement.execute("PRAGMA journal_mode=" + mode);
      }
    }
  }

  private void requireCatalog(Statement statement) throws SQLException {
    Set<String> tables = new HashSet<>();
    try (ResultSet rows =
        statement.executeQuery("SELECT name FROM sqlite_master WHERE type = 'table'")) {
      while (rows.next()) {
        tables.add(rows.getString(1));
      }
    }
    if (!tables.isEmpty() && !tables.contains("iceberg_tables")) {
      throw notWarehouse("it is an SQLite database without Iceberg's tables");
    }
  }

  private void prepare() throws IOException {
    if (Files.isDirectory(path)) {
      throw notWarehouse("it is a directory, expected an SQLite file");
    }
    if (!Files.exists(path)) {
      Path parent = path.toAbsolutePath().getParent();
      if (parent != null) {
        // A commit survives a power cut only if its database's directory does.
        new DurableDirectories().create(parent);
      }
      return;
    }
    try (InputStream in = Files.newInputStream(path)) {
      byte[] start = in.readNBytes(MAGIC.length);
      if (start.length > 0 && !Arrays.equals(start, MAGIC)) {
        throw notWarehouse("it is not an SQLite database");
      }
    }
  }

  private FirnException notWarehouse(String reason) {
    return FirnException.invalid(
        "Cannot open catalog: not a warehouse: %s [%s]; name another file, or one that does not exist, to begin a new one"
            .formatted(reason, path));
  }

  private static Path path(String uri) {
    String rest = uri.substring(SCHEME.length());
    int query = rest.indexOf('?');
    String name = query < 0 ? rest : rest.substring(0, query);
    String options = query < 0 ? "" : rest.substring(query + 1);
    if (name.isEmpty() || name.contains(":memory:") || options.contains("mode=memory")) {
      throw FirnException.invalid(
          "Cannot open catalog: every connection would have a database of its own, expected"
              + " jdbc:sqlite:FILE, got "
              + uri);
    }
    if (!options.isEmpty() && !options.matches("\\w+=[^/=]*(&\\w+=[^/=]*)*")) {
      throw FirnException.invalid(
          "Cannot open catalog: an SQLite file name cannot hold '?', got " + uri);
    }
    try {
      return Path.of(name.startsWith("file:") ? name.substring("file:".length()) : name);
    } catch (InvalidPathException e) {
      throw FirnException.invalid("Cannot open catalog: %s [%s]".formatted(e.getReason(), uri));
    }
  }
}
