package dev.firn.catalog;

import java.nio.file.Path;

class SqliteCommitTogetherTest extends CommitTogetherContract {
  @Override
  String uri(Path directory) {
    return "jdbc:sqlite:" + directory.resolve("catalog.db");
  }
}
