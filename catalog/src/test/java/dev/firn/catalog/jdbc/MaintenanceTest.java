package dev.firn.catalog.jdbc;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class MaintenanceTest extends MaintenanceContract {
  @TempDir private Path directory;

  @Override
  String uri() {
    return "jdbc:sqlite:" + directory.resolve("firn.db");
  }
}
