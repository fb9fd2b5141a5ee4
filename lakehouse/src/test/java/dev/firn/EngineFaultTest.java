package dev.firn;

/** On SQLite. */
class EngineFaultTest extends EngineFaults {
  @Override
  FaultGround newGround() {
    return new DiskGround(directory, "jdbc:sqlite:" + directory.resolve("catalog.db"));
  }

  @Override
  int sample() {
    return 3;
  }
}
