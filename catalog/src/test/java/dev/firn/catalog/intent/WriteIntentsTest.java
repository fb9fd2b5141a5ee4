package dev.firn.catalog.intent;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class WriteIntentsTest extends WriteIntentsContract {
  @TempDir private Path directory;

  @Override
  String uri() {
    return "jdbc:sqlite:" + directory.resolve("firn.db");
  }
}
