package dev.firn.catalog;

import org.apache.iceberg.catalog.Catalog;
import org.apache.iceberg.catalog.SupportsNamespaces;

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

  @Override
  public void close() {}
}
