package dev.firn.catalog;

class InteroperabilityTest extends InteroperabilityContract {
  @Override
  String database() {
    return "jdbc:sqlite:" + warehouse.resolve("catalog.db");
  }
}
