package dev.firn;

/** On SQLite. */
class EngineFaultTest extends EngineFaults {
  @Override
  String newDatabase() {
    return "jdbc:sqlite:" + directory.resolve("catalog.db");
  }

  @Override
  int sample() {
    return 4;
  }
}
