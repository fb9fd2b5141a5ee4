package dev.firn.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.storage.Locations;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableUtil;
import org.apache.iceberg.catalog.CatalogTests;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.exceptions.NotFoundException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Iceberg's own suite of what a catalog does with tables and namespaces. */
abstract class PublishedCatalogSuite extends CatalogTests<WarehouseCatalog> {
  /** What the suite expects the catalog to have been opened with. */
  private static final Map<String, String> EXPECTED =
      Map.of(
          "table-default.default-key1", "catalog-default-key1",
          "table-default.default-key2", "catalog-default-key2",
          "table-default.override-key3", "catalog-default-key3",
          "table-override.override-key3", "catalog-override-key3",
          "table-override.override-key4", "catalog-override-key4");

  @TempDir Path warehouse;

  private final Map<String, LakeCatalog> open = new HashMap<>();
  private WarehouseCatalog catalog;
  private boolean laneIsAsked = true;

  /** The database of this test. */
  abstract String database();

  @BeforeEach
  void openCatalog() {
    catalog = initCatalog("firn", Map.of());
  }

  @AfterEach
  void closeCatalogs() {
    open.values().forEach(LakeCatalog::close);
  }

  @Override
  protected WarehouseCatalog catalog() {
    return catalog;
  }

  @Override
  protected WarehouseCatalog initCatalog(String name, Map<String, String> properties) {
    Map<String, String> all = new HashMap<>(EXPECTED);
    all.putAll(properties);
    LakeCatalog opened =
        LakeCatalog.open(new CatalogSettings(name, database(), Locations.of(warehouse), all));
    LakeCatalog before = open.put(name, opened);
    if (before != null) {
      before.close();
    }
    return (WarehouseCatalog) opened.tables();
  }

  /**
   * The suite's own wants the words of Iceberg's stores; Firn's store says it differently, and only
   * where the metadata is not in memory.
   */
  @Override
  @Test
  public void testLoadTableWithMissingMetadataFile(@TempDir Path other) throws IOException {
    catalog.createNamespace(TBL.namespace());
    Table table = catalog.buildTable(TBL, SCHEMA).create();
    String metadata = TableUtil.metadataFileLocation(table);
    Files.move(Locations.localPath(metadata), other.resolve("moved.json"));
    // This one has the metadata in memory.
    openCatalog();

    assertThat(catalog.tableExists(TBL)).isTrue();
    assertThatThrownBy(() -> catalog.loadTable(TBL))
        .isInstanceOf(NotFoundException.class)
        .hasMessageContaining("Cannot read file: it does not exist [%s]", metadata);
  }

  /** The name is taken in the database, without a lane, and refused in an embedded one's words. */
  @Override
  @Test
  public void testConcurrentCreateTransaction() {
    laneIsAsked = false;
    super.testConcurrentCreateTransaction();
  }

  /** Skipped: it is refused as another writer's commit, not as a name that is taken. */
  @Override
  @Test
  public void testCreateOrReplaceTransactionConcurrentCreate() {
    laneIsAsked = false;
    super.testCreateOrReplaceTransactionConcurrentCreate();
  }

  /** Skipped: it is refused, but not in the words of a REST client. */
  @Override
  @Test
  public void testConcurrentReplaceTransactionSchemaConflict() {
    laneIsAsked = false;
    super.testConcurrentReplaceTransactionSchemaConflict();
  }

  /** Skipped, as the one above. */
  @Override
  @Test
  public void testConcurrentReplaceTransactionPartitionSpecConflict() {
    laneIsAsked = false;
    super.testConcurrentReplaceTransactionPartitionSpecConflict();
  }

  /** Where the suite asks for a directory of its own choice; a default one has a unique suffix. */
  @Override
  protected String baseTableLocation(TableIdentifier id) {
    return Locations.of(warehouse) + "/" + id.namespace() + "/" + id.name();
  }

  @Override
  protected boolean requiresNamespaceCreate() {
    return true;
  }

  @Override
  protected boolean supportsNestedNamespaces() {
    return true;
  }

  /** A lane takes changes as a REST server does: what does not contradict them is no conflict. */
  @Override
  protected boolean supportsServerSideRetry() {
    return laneIsAsked;
  }

  /** Iceberg's layout joins the levels of a namespace with dots: a dot within one makes two. */
  @Override
  protected boolean supportsNamesWithDot() {
    return false;
  }

  /** A table needs a namespace that was created; the root is none. */
  @Override
  protected boolean supportsEmptyNamespace() {
    return false;
  }
}
