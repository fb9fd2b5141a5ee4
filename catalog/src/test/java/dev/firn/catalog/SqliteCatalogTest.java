package dev.firn.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.catalog.commit.TableCommitter;
import dev.firn.catalog.table.TableName;
import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import dev.firn.storage.Locations;
import dev.firn.storage.scheme.SchemeFileIO;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.jdbc.JdbcCatalog;
import org.apache.iceberg.jdbc.JdbcClientPool;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SqliteCatalogTest extends CatalogContract {
  @TempDir Path directory;

  @Override
  CatalogSettings settings() {
    return settings(directory.resolve("lake dir/catalog.db"), "10000");
  }

  private CatalogSettings settings(Path database, String wait) {
    return new CatalogSettings(
        "firn",
        "jdbc:sqlite:" + database,
        Locations.of(directory.resolve("lake dir")),
        Map.of("jdbc.busy_timeout", wait));
  }

  @Test
  void databaseHeldByAnotherConnectionIsUnavailable() throws SQLException {
    Table table = create(TableName.parse("shop.orders"), Map.of());
    Path database = directory.resolve("lake dir/catalog.db");
    try (Connection holder = DriverManager.getConnection("jdbc:sqlite:" + database);
        Statement statement = holder.createStatement();
        LakeCatalog second = LakeCatalog.open(settings(database, "100"))) {
      Table stale = second.loadTable(TableName.parse("shop.orders"));
      statement.execute("BEGIN EXCLUSIVE");

      assertThatThrownBy(
              () -> TableCommitter.commit(stale, append("main", Map.of(), file(stale, "a"))))
          .isInstanceOf(FirnException.class)
          .hasMessageContaining("another process holds the catalog database")
          .hasMessageContaining("nothing was applied")
          .extracting(e -> ((FirnException) e).kind())
          .isEqualTo(ErrorKind.UNAVAILABLE);

      statement.execute("ROLLBACK");
      TableCommitter.commit(stale, append("main", Map.of(), file(stale, "a")));
    }
    table.refresh();
    assertThat(table.snapshots()).hasSize(1);
  }

  @Test
  void databaseLockedForGoodCannotBeOpened() throws SQLException {
    Path database = directory.resolve("lake dir/catalog.db");
    catalog().close();
    try (Connection holder = DriverManager.getConnection("jdbc:sqlite:" + database);
        Statement statement = holder.createStatement()) {
      statement.execute("PRAGMA locking_mode = EXCLUSIVE");
      statement.execute("BEGIN EXCLUSIVE");

      assertThatThrownBy(() -> LakeCatalog.open(settings(database, "100")))
          .isInstanceOf(FirnException.class)
          .hasMessageContaining("another process holds the catalog database")
          .extracting(e -> ((FirnException) e).kind())
          .isEqualTo(ErrorKind.UNAVAILABLE);
    }
  }

  @Test
  void databaseIsInWalModeWithFullSync() throws SQLException {
    try (Connection connection =
            DriverManager.getConnection("jdbc:sqlite:" + directory.resolve("lake dir/catalog.db"));
        Statement statement = connection.createStatement();
        var mode = statement.executeQuery("PRAGMA journal_mode")) {
      assertThat(mode.getString(1)).isEqualTo("wal");
    }
  }

  @Test
  void fileThatIsNoDatabaseIsRefusedAndLeftAlone() throws IOException {
    Path notes = Files.writeString(directory.resolve("notes.txt"), "shopping list, quite long");

    assertThatThrownBy(() -> LakeCatalog.open(settings(notes, "100")))
        .isInstanceOf(FirnException.class)
        .hasMessageContaining("not a warehouse: it is not an SQLite database")
        .hasMessageContaining(notes.toString());
    assertThat(notes).hasContent("shopping list, quite long");
  }

  @Test
  void databaseOfSomethingElseIsRefusedAndLeftAlone() throws SQLException {
    Path database = directory.resolve("browser.db");
    String uri = "jdbc:sqlite:" + database;
    try (Connection connection = DriverManager.getConnection(uri);
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE TABLE bookmarks (url TEXT)");
    }

    assertThatThrownBy(() -> LakeCatalog.open(settings(database, "100")))
        .isInstanceOf(FirnException.class)
        .hasMessageContaining("without Iceberg's tables")
        .hasMessageContaining(database.toString());
    try (Connection connection = DriverManager.getConnection(uri);
        Statement statement = connection.createStatement();
        var count = statement.executeQuery("SELECT count(*) FROM sqlite_master")) {
      assertThat(count.getInt(1)).isEqualTo(1);
    }
  }

  @Test
  void damagedDatabaseIsCorrupt() throws IOException {
    catalog().close();
    Path database = directory.resolve("lake dir/catalog.db");
    byte[] bytes = Files.readAllBytes(database);
    java.util.Arrays.fill(bytes, 100, bytes.length, (byte) 0x5a);
    Files.write(database, bytes);

    assertThat(kindOf(() -> LakeCatalog.open(settings(database, "100")).close()))
        .isEqualTo(ErrorKind.CORRUPT);
  }

  @Test
  void directoryInPlaceOfTheFileIsRefused() {
    assertThatThrownBy(() -> LakeCatalog.open(settings(directory, "100")))
        .isInstanceOf(FirnException.class)
        .hasMessageContaining("it is a directory, expected an SQLite file");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"jdbc:mysql://h/d", "thrift://h:9083", "catalog.db", "jdbc:sqlite::memory:"})
  void otherCatalogsAreRefusedByName(String uri) {
    assertThatThrownBy(
            () -> LakeCatalog.open(new CatalogSettings("firn", uri, "file:///x", Map.of())))
        .isInstanceOf(FirnException.class)
        .hasMessageContaining("expected jdbc:sqlite:")
        .hasMessageContaining(uri)
        .extracting(e -> ((FirnException) e).kind())
        .isEqualTo(ErrorKind.INVALID);
  }

  @Test
  void unreachablePostgresqlIsUnavailableAndShowsNoPassword() {
    String uri = "jdbc:postgresql://127.0.0.1:1/lake?user=a&password=hunter2";
    assertThatThrownBy(
            () -> LakeCatalog.open(new CatalogSettings("firn", uri, "file:///x", Map.of())))
        .isInstanceOf(FirnException.class)
        .hasMessageNotContaining("hunter2")
        .extracting(e -> ((FirnException) e).kind())
        .isEqualTo(ErrorKind.UNAVAILABLE);
  }

  @Test
  void tableWithoutItsMetadataFileIsCorrupt() throws IOException {
    Table table = create(TableName.parse("shop.orders"), Map.of());
    try (var files = Files.list(Locations.localPath(table.location() + "/metadata"))) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }

    assertThat(kindOf(this::loadAnew)).isEqualTo(ErrorKind.CORRUPT);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{\"format-version\": 2, \"table", "\0\0\0\0", "<html></html>"})
  @Timeout(60)
  void damagedMetadataFileIsCorruptAtOnce(String content) throws IOException {
    Table table = create(TableName.parse("shop.orders"), Map.of());
    try (var files = Files.list(Locations.localPath(table.location() + "/metadata"))) {
      for (Path file : files.toList()) {
        Files.writeString(file, content);
      }
    }

    assertThat(kindOf(this::loadAnew)).isEqualTo(ErrorKind.CORRUPT);
  }

  /** Loads a table in a catalog that has no metadata in memory yet. */
  private void loadAnew() {
    try (LakeCatalog fresh = LakeCatalog.open(settings())) {
      fresh.loadTable(TableName.parse("shop.orders"));
    }
  }

  @Test
  void tablesShowFirnsOwnStore() {
    Table table = create(TableName.parse("shop.orders"), Map.of());

    assertThat(table.io()).isInstanceOf(SchemeFileIO.class);
    assertThat(catalog().loadTable(TableName.parse("shop.orders")).io())
        .isInstanceOf(SchemeFileIO.class);
  }

  @ParameterizedTest
  @CsvSource({
    "format-version, 4, 'expected 1, 2 or 3, got 4'",
    "encryption.key-id, k1, plain text"
  })
  void refusesToLoadWhatAnotherEngineMade(String property, String value, String message) {
    TableIdentifier orders = TableName.parse("shop.orders");
    try (JdbcCatalog other =
        new JdbcCatalog(properties -> new SchemeFileIO(), this::otherPool, false)) {
      other.initialize(
          "firn", Map.of("uri", settings().uri(), "warehouse", settings().warehouse()));
      other
          .buildTable(orders, SCHEMA)
          .withProperty("format-version", "3")
          .withProperty(property, value)
          .create();
    }

    assertThatThrownBy(() -> catalog().loadTable(orders))
        .isInstanceOf(FirnException.class)
        .hasMessageContaining(message)
        .extracting(e -> ((FirnException) e).kind())
        .isEqualTo(ErrorKind.INVALID);
  }

  private JdbcClientPool otherPool(Map<String, String> properties) {
    return new JdbcClientPool(settings().uri(), properties);
  }
}
