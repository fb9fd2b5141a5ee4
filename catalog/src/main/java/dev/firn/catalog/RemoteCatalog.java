package dev.firn.catalog;

import dev.firn.catalog.table.CheckedBuilder;
import dev.firn.catalog.table.SupportedTables;
import dev.firn.catalog.table.TableName;
import dev.firn.storage.cache.CacheSettings;
import dev.firn.storage.cache.FileCaches;
import java.io.IOException;
import java.util.Map;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.Catalog.TableBuilder;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.rest.RESTCatalog;

/**
 * Iceberg's REST catalog, refusing what {@link SupportedTables} refuses. It opens stores for each
 * table, with the credentials that the server gave for it; they share one set of caches. Owns its
 * connections and the caches.
 */
final class RemoteCatalog extends RESTCatalog {
  private final FileCaches caches;

  private RemoteCatalog(FileCaches caches) {
    this.caches = caches;
  }

  static RemoteCatalog open(String name, Map<String, String> properties) {
    RemoteCatalog catalog = new RemoteCatalog(FileCaches.open(CacheSettings.of(properties)));
    catalog.setConf(catalog.caches);
    catalog.initialize(name, properties);
    return catalog;
  }

  @Override
  public void close() throws IOException {
    try (caches) {
      super.close();
    }
  }

  @Override
  public Table loadTable(TableIdentifier id) {
    return SupportedTables.check(TableName.format(id), super.loadTable(id));
  }

  @Override
  public TableBuilder buildTable(TableIdentifier id, Schema schema) {
    return new CheckedBuilder(TableName.format(id), () -> {}, super.buildTable(id, schema));
  }
}
