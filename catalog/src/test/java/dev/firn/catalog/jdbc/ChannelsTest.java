package dev.firn.catalog.jdbc;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class ChannelsTest extends ChannelsContract {
  @TempDir private Path directory;

  @Override
  String uri() {
    return "jdbc:sqlite:" + directory.resolve("firn.db");
  }
}
