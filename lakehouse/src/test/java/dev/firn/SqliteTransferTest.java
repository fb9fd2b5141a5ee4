package dev.firn;

import java.nio.file.Path;

class SqliteTransferTest extends TransferContract {
  @Override
  Settings settings(Path directory) {
    return Settings.of(directory.resolve("lake"));
  }
}
