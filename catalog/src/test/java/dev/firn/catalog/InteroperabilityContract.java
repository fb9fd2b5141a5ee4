package dev.firn.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.catalog.table.TableName;
import dev.firn.error.FirnException;
import dev.firn.storage.Locations;
import dev.firn.storage.scheme.SchemeFileIO;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.exceptions.NoSuchTableException;
import org.apache.iceberg.exceptions.NoSuchViewException;
import org.apache.iceberg.jdbc.JdbcCatalog;
import org.apache.iceberg.jdbc.JdbcClientPool;
import org.apache.iceberg.view.View;
import org.apache.iceberg.view.ViewBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What Iceberg's own catalog, and PyIceberg's, make of the same database, and we of theirs. */
abstract class InteroperabilityContract {
  private static final Schema SCHEMA = CatalogContract.SCHEMA;
  private static final Namespace SHOP = Namespace.of("shop");
  private static final Namespace ARCHIVE = Namespace.of("shop", "archive");
  private static final TableIdentifier ORDERS = TableIdentifier.of(SHOP, "orders");
  private static final TableIdentifier RECENT = TableIdentifier.of(SHOP, "recent");

  @TempDir Path warehouse;

  private LakeCatalog lake;
  private WarehouseCatalog ours;
  private JdbcCatalog theirs;

  /** Where the database of this test is, the same at each call. */
  abstract String database();

  @BeforeEach
  void open() {
    openOurs();
    theirs = openTheirs(Map.of("jdbc.schema-version", "V1"));
  }

  private void openOurs() {
    lake =
        LakeCatalog.open(
            new CatalogSettings("firn", database(), Locations.of(warehouse), Map.of()));
    ours = (WarehouseCatalog) lake.tables();
  }

  private JdbcCatalog openTheirs(Map<String, String> more) {
    Map<String, String> properties = new HashMap<>(more);
    properties.put("uri", database());
    properties.put("warehouse", Locations.of(warehouse));
    properties.put("jdbc.busy_timeout", "10000");
    JdbcCatalog catalog =
        new JdbcCatalog(
            any -> new SchemeFileIO(), any -> new JdbcClientPool(database(), properties), true);
    catalog.initialize("firn", properties);
    return catalog;
  }

  @AfterEach
  void close() {
    theirs.close();
    lake.close();
  }

  @Test
  void theySeeWhatWeMake() {
    ours.createNamespace(SHOP, Map.of("owner", "ann"));
    ours.createNamespace(ARCHIVE);
    Table table = ours.createTable(ORDERS, SCHEMA);
    view(RECENT, "select 1", ours.buildView(RECENT));

    assertThat(theirs.listNamespaces()).containsExactly(SHOP);
    assertThat(theirs.listNamespaces(SHOP)).containsExactly(ARCHIVE);
    assertThat(theirs.loadNamespaceMetadata(SHOP)).containsEntry("owner", "ann");
    assertThat(theirs.loadNamespaceMetadata(SHOP)).isEqualTo(ours.loadNamespaceMetadata(SHOP));
    assertThat(theirs.listTables(SHOP)).containsExactly(ORDERS);
    assertThat(theirs.listViews(SHOP)).containsExactly(RECENT);
    assertThat(theirs.loadTable(ORDERS).uuid()).isEqualTo(table.uuid());
    assertThat(theirs.loadView(RECENT).sqlFor("spark").sql()).isEqualTo("select 1");
  }

  @Test
  void weSeeWhatTheyMake() {
    // Their catalog does not ask for the namespace: it is there with the table.
    theirs.createTable(TableIdentifier.of(ARCHIVE, "old"), SCHEMA);
    theirs.createTable(ORDERS, SCHEMA);
    view(RECENT, "select 1", theirs.buildView(RECENT));

    assertThat(ours.listNamespaces()).containsExactly(SHOP);
    assertThat(ours.listNamespaces(SHOP)).containsExactly(ARCHIVE);
    assertThat(ours.namespaceExists(SHOP)).isTrue();
    assertThat(ours.listTables(SHOP)).containsExactly(ORDERS);
    assertThat(ours.listViews(SHOP)).containsExactly(RECENT);
    assertThat(ours.loadTable(ORDERS).uuid()).isEqualTo(theirs.loadTable(ORDERS).uuid());
    assertThat(ours.loadView(RECENT).sqlFor("spark").sql()).isEqualTo("select 1");
    ours.setProperties(ARCHIVE, Map.of("owner", "ann"));
    assertThat(theirs.loadNamespaceMetadata(ARCHIVE)).containsEntry("owner", "ann");
  }

  @Test
  void commitsOfBothAreKept() {
    ours.createNamespace(SHOP);
    Table one = ours.createTable(ORDERS, SCHEMA);
    Table two = theirs.loadTable(ORDERS);

    one.updateProperties().set("a", "1").commit();
    two.updateProperties().set("b", "2").commit();
    one.updateProperties().set("c", "3").commit();

    one.refresh();
    assertThat(one.properties()).containsEntry("a", "1").containsEntry("b", "2");
    assertThat(theirs.loadTable(ORDERS).properties()).isEqualTo(one.properties());
  }

  @Test
  void viewsOfBothAreReplacedAndConflict() {
    ours.createNamespace(SHOP);
    view(RECENT, "select 1", ours.buildView(RECENT));
    View stale = ours.loadView(RECENT);
    var change = stale.updateProperties().set("a", "1");
    var version = stale.replaceVersion();
    theirs.loadView(RECENT).updateProperties().set("b", "2").commit();

    change.commit();

    assertThat(theirs.loadView(RECENT).properties())
        .containsEntry("a", "1")
        .containsEntry("b", "2");
    assertThat(ours.viewExists(RECENT)).isTrue();
    assertThat(theirs.dropView(RECENT)).isTrue();
    assertThatThrownBy(
            () ->
                version
                    .withSchema(SCHEMA)
                    .withQuery("spark", "select 2")
                    .withDefaultNamespace(SHOP)
                    .commit())
        .isInstanceOfAny(CommitFailedException.class, NoSuchViewException.class);
    assertThat(ours.viewExists(RECENT)).isFalse();
  }

  @Test
  void namesThatTheyTakeAndFreeAreTakenAndFree() {
    ours.createNamespace(SHOP);
    theirs.createTable(ORDERS, SCHEMA);
    assertThatThrownBy(() -> view(ORDERS, "select 1", ours.buildView(ORDERS)))
        .hasMessageContaining("Table with same name already exists: shop.orders");

    theirs.renameTable(ORDERS, RECENT);
    view(ORDERS, "select 1", ours.buildView(ORDERS));

    assertThatThrownBy(() -> theirs.createTable(ORDERS, SCHEMA))
        .hasMessageContaining("View with same name already exists: shop.orders");
    assertThat(ours.dropTable(RECENT, true)).isTrue();
    assertThat(theirs.tableExists(RECENT)).isFalse();
    assertThat(theirs.dropTable(ORDERS)).isFalse();
  }

  /** PyIceberg, and catalogs of before there were views, leave the type of a row out. */
  @Test
  void rowWithoutATypeIsATable() throws SQLException {
    ours.createNamespace(SHOP);
    ours.createTable(ORDERS, SCHEMA);
    sql("UPDATE iceberg_tables SET iceberg_type = NULL");

    assertThat(ours.listTables(SHOP)).containsExactly(ORDERS);
    assertThat(ours.listViews(SHOP)).isEmpty();
    ours.loadTable(ORDERS).updateProperties().set("a", "1").commit();
    ours.renameTable(ORDERS, RECENT);
    assertThat(theirs.loadTable(RECENT).properties()).containsEntry("a", "1");
    assertThat(ours.dropTable(RECENT, false)).isTrue();
  }

  @Test
  void databaseOfTheirFirstSchemaGetsViewsAndKeepsItsTables() throws SQLException {
    lake.close();
    theirs.close();
    sql("DROP TABLE iceberg_tables");
    theirs = openTheirs(Map.of());
    theirs.createTable(ORDERS, SCHEMA);

    openOurs();

    assertThat(ours.listTables(SHOP)).containsExactly(ORDERS);
    view(RECENT, "select 1", ours.buildView(RECENT));
    ours.loadTable(ORDERS).updateProperties().set("a", "1").commit();
    // Theirs was opened before there was a type, and goes on: its tables are as they were.
    assertThat(theirs.loadTable(ORDERS).properties()).containsEntry("a", "1");
    try (JdbcCatalog next = openTheirs(Map.of())) {
      assertThat(next.listTables(SHOP)).containsExactly(ORDERS);
      assertThat(next.listViews(SHOP)).containsExactly(RECENT);
    }
  }

  @Test
  void dotWithinALevelIsRefused() {
    ours.createNamespace(SHOP);
    ours.createTable(ORDERS, SCHEMA);

    assertThatThrownBy(() -> ours.createNamespace(Namespace.of("shop.archive")))
        .isInstanceOf(FirnException.class)
        .hasMessageContaining("Cannot use namespace name: a part holds '.'")
        .hasMessageContaining("got 'shop.archive'");
    for (TableIdentifier dotted :
        new TableIdentifier[] {
          TableIdentifier.of(Namespace.of("a.b"), "t"), TableIdentifier.of(SHOP, "orders.v2")
        }) {
      assertThatThrownBy(() -> ours.createTable(dotted, SCHEMA))
          .isInstanceOf(FirnException.class)
          .hasMessageContaining("a part holds '.'");
      assertThatThrownBy(() -> ours.renameTable(ORDERS, dotted))
          .isInstanceOf(FirnException.class)
          .hasMessageContaining("a part holds '.'");
      assertThatThrownBy(() -> view(dotted, "select 1", ours.buildView(dotted)))
          .isInstanceOf(FirnException.class)
          .hasMessageContaining("a part holds '.'");
    }
  }

  /** What they have so named is a table yet. */
  @Test
  void tableOfTheirsWithADotInItsNameIsThere() {
    TableIdentifier dotted = TableIdentifier.of(SHOP, "orders.v2");
    theirs.createTable(dotted, SCHEMA);

    assertThat(ours.listTables(SHOP)).containsExactly(dotted);
    assertThat(ours.loadTable(dotted).schema().sameSchema(SCHEMA)).isTrue();
    ours.renameTable(dotted, ORDERS);
    assertThat(theirs.tableExists(ORDERS)).isTrue();
  }

  @Test
  void tablesNameTellsThatItIsAView() {
    ours.createNamespace(SHOP);
    view(RECENT, "select 1", ours.buildView(RECENT));

    assertThatThrownBy(() -> lake.loadTable(RECENT))
        .isInstanceOf(NoSuchTableException.class)
        .hasMessageContaining("Table does not exist: " + TableName.format(RECENT))
        .hasMessageContaining("it is a view");
  }

  private static void view(TableIdentifier id, String sql, ViewBuilder builder) {
    builder
        .withSchema(SCHEMA)
        .withDefaultNamespace(id.namespace())
        .withQuery("spark", sql)
        .create();
  }

  private void sql(String statement) throws SQLException {
    try (Connection connection = DriverManager.getConnection(database());
        Statement change = connection.createStatement()) {
      change.execute(statement);
    }
  }
}
