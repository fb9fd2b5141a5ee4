package dev.firn.catalog;

import dev.firn.storage.SchemeFileIO;
import java.util.Map;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.apache.iceberg.Schema;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.jdbc.JdbcCatalog;
import org.apache.iceberg.jdbc.JdbcClientPool;
import org.jspecify.annotations.Nullable;

/**
 * Iceberg's JDBC catalog over Firn's stores, with a directory of its own for every table. Owns its
 * connections and its stores.
 */
final class WarehouseCatalog extends JdbcCatalog {
  private final String warehouse;

  WarehouseCatalog(
      String warehouse,
      UnaryOperator<FileIO> decorate,
      @Nullable Function<Map<String, String>, JdbcClientPool> connections) {
    super(properties -> new MetadataFiles(decorate.apply(stores(properties))), connections, true);
    this.warehouse = warehouse;
  }

  @Override
  public TableBuilder buildTable(TableIdentifier id, Schema schema) {
    return new CheckedBuilder(TableName.format(id), super.buildTable(id, schema));
  }

  @Override
  protected TableOperations newTableOps(TableIdentifier id) {
    return new CheckedOperations(TableName.format(id), super.newTableOps(id));
  }

  @Override
  protected String defaultWarehouseLocation(TableIdentifier id) {
    return TableLocations.unique(warehouse, id);
  }

  private static SchemeFileIO stores(Map<String, String> properties) {
    SchemeFileIO stores = new SchemeFileIO();
    stores.initialize(properties);
    return stores;
  }
}
