package dev.firn.catalog;

import java.nio.file.Path;

class SweepTest extends SweepContract {
  @Override
  String uri(Path directory) {
    return "jdbc:sqlite:" + directory.resolve("firn.db");
  }
}
