package dev.firn.catalog;

import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.Catalog;
import org.apache.iceberg.catalog.SupportsNamespaces;
import org.apache.iceberg.catalog.TableIdentifier;

/** An open catalog. Owns its connections. SKELETON. */
public final class LakeCatalog implements AutoCloseable {
  private LakeCatalog() {}

  public static LakeCatalog open(CatalogSettings settings) {
    throw new UnsupportedOperationException(settings.toString());
  }

  public Catalog tables() {
    throw new UnsupportedOperationException();
  }

  public SupportsNamespaces namespaces() {
    throw new UnsupportedOperationException();
  }

  /** Loads a table, refusing what Firn must not touch (format version 4, encryption). */
  public Table loadTable(TableIdentifier id) {
    throw new UnsupportedOperationException(id.toString());
  }

  /** A directory in the warehouse that no other table has or had. */
  public String newTableLocation(TableIdentifier id) {
    throw new UnsupportedOperationException(id.toString());
  }

  @Override
  public void close() {}
}
