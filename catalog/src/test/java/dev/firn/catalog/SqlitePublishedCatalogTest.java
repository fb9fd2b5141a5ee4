package dev.firn.catalog;

class SqlitePublishedCatalogTest extends PublishedCatalogSuite {
  @Override
  String database() {
    return "jdbc:sqlite:" + warehouse.resolve("catalog.db");
  }
}
