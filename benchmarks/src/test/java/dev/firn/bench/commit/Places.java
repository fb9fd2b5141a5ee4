package dev.firn.bench.commit;

import dev.firn.testing.PostgresServer;
import dev.firn.testing.TemporaryFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Makes places, below a directory that is emptied first. PostgreSQL is started at first use, forces
 * its commits to disk unless the run is quick, and ends at {@link #close()}.
 */
final class Places implements AutoCloseable {
  private final Path directory;
  private final boolean quick;
  private PostgresServer server;
  private int made;

  private Places(Path directory, boolean quick) {
    this.directory = directory;
    this.quick = quick;
  }

  static Places below(Path directory, boolean quick) throws IOException {
    if (Files.exists(directory)) {
      TemporaryFiles.delete(directory);
    }
    Files.createDirectories(directory);
    return new Places(directory, quick);
  }

  /** Returns a new, empty place. */
  Place place(String database) throws IOException {
    Path home = Files.createDirectories(directory.resolve(database + "-" + made++));
    Path warehouse = Files.createDirectory(home.resolve("warehouse"));
    return Place.of(uri(database, home), warehouse);
  }

  private String uri(String database, Path home) {
    return switch (database) {
      case "sqlite" -> "jdbc:sqlite:" + home.toAbsolutePath().resolve("catalog.db");
      case "postgres" -> {
        if (server == null) {
          server = quick ? PostgresServer.start() : PostgresServer.startDurable();
        }
        yield server.newDatabase();
      }
      default -> throw new IllegalArgumentException(database);
    };
  }

  @Override
  public void close() throws IOException {
    if (server != null) {
      server.close();
    }
    TemporaryFiles.delete(directory);
  }
}
