package dev.firn.bench.commit;

import dev.firn.storage.scheme.SchemeFileIO;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.CatalogProperties;
import org.apache.iceberg.Table;
import org.apache.iceberg.jdbc.JdbcCatalog;

/**
 * The peer: Iceberg's {@code JdbcCatalog} and its {@code FastAppend}, with their default retries,
 * over the same store as ours; SQLite in WAL, as ours.
 */
final class JdbcCommits implements Committer {
  private final Place place;
  private final JdbcCatalog catalog;

  private JdbcCommits(Place place, JdbcCatalog catalog) {
    this.place = place;
    this.catalog = catalog;
  }

  static JdbcCommits open(Place place) {
    JdbcCatalog catalog = connect(place);
    catalog.createNamespace(Tables.NAMESPACE);
    catalog.createTable(Tables.ORDERS, Tables.SCHEMA);
    return new JdbcCommits(place, catalog);
  }

  private static JdbcCatalog connect(Place place) {
    Map<String, String> properties = new HashMap<>();
    properties.put(CatalogProperties.URI, place.uri());
    properties.put(CatalogProperties.WAREHOUSE_LOCATION, place.warehouse());
    properties.put(CatalogProperties.FILE_IO_IMPL, SchemeFileIO.class.getName());
    properties.put("jdbc.schema-version", "V1");
    if (place.isSqlite()) {
      properties.put("jdbc.journal_mode", "WAL");
      properties.put("jdbc.synchronous", "FULL");
    }
    JdbcCatalog catalog = new JdbcCatalog();
    catalog.initialize("peer", properties);
    return catalog;
  }

  @Override
  public Writer writer() {
    Table table = catalog.loadTable(Tables.ORDERS);
    return file -> table.newFastAppend().appendFile(file).commit();
  }

  @Override
  public List<String> paths() throws IOException {
    try (JdbcCatalog anew = connect(place)) {
      return Tables.paths(anew.loadTable(Tables.ORDERS));
    }
  }

  @Override
  public void close() {
    catalog.close();
  }
}
