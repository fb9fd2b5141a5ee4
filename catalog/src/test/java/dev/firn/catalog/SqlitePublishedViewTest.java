package dev.firn.catalog;

class SqlitePublishedViewTest extends PublishedViewSuite {
  @Override
  String database() {
    return "jdbc:sqlite:" + warehouse.resolve("catalog.db");
  }
}
