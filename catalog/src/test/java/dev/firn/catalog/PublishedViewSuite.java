package dev.firn.catalog;

import dev.firn.storage.Locations;
import java.nio.file.Path;
import java.util.Map;
import org.apache.iceberg.catalog.Catalog;
import org.apache.iceberg.view.ViewCatalogTests;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** Iceberg's own suite of what a catalog does with views. */
abstract class PublishedViewSuite extends ViewCatalogTests<WarehouseCatalog> {
  /** What the suite expects the catalog to have been opened with. */
  private static final Map<String, String> EXPECTED =
      Map.of(
          "view-default.key1", "catalog-default-key1",
          "view-default.key2", "catalog-default-key2",
          "view-default.key3", "catalog-default-key3",
          "view-override.key3", "catalog-override-key3",
          "view-override.key4", "catalog-override-key4");

  @TempDir Path warehouse;

  private LakeCatalog lake;

  /** The database of this test. */
  abstract String database();

  @BeforeEach
  void openCatalog() {
    lake =
        LakeCatalog.open(
            new CatalogSettings("firn", database(), Locations.of(warehouse), EXPECTED));
  }

  @AfterEach
  void closeCatalog() {
    lake.close();
  }

  @Override
  protected WarehouseCatalog catalog() {
    return (WarehouseCatalog) lake.tables();
  }

  @Override
  protected Catalog tableCatalog() {
    return lake.tables();
  }

  @Override
  protected boolean requiresNamespaceCreate() {
    return true;
  }

  /** A view needs a namespace that was created; the root is none. */
  @Override
  protected boolean supportsEmptyNamespace() {
    return false;
  }
}
