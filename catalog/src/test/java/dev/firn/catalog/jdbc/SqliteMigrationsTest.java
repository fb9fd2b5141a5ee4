package dev.firn.catalog.jdbc;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class SqliteMigrationsTest extends MigrationsContract {
  @TempDir Path directory;

  private int databases;

  @Override
  String newUri() {
    return "jdbc:sqlite:" + directory.resolve("catalog" + databases++ + ".db");
  }
}
