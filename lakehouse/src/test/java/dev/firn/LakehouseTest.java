package dev.firn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import dev.firn.catalog.CatalogSettings;
import dev.firn.catalog.LakeCatalog;
import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import dev.firn.storage.Locations;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.apache.iceberg.Schema;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.catalog.ViewCatalog;
import org.apache.iceberg.types.Types;
import org.assertj.core.api.AbstractObjectAssert;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LakehouseTest {
  private static final Schema SCHEMA =
      new Schema(Types.NestedField.required(1, "id", Types.LongType.get()));

  @TempDir private Path directory;

  static AbstractObjectAssert<?, ErrorKind> assertFails(ThrowingCallable call, String... message) {
    return assertThatThrownBy(call)
        .isInstanceOf(FirnException.class)
        .hasMessageContainingAll(message)
        .asInstanceOf(type(FirnException.class))
        .extracting(FirnException::kind);
  }

  private Path warehouse() {
    return directory.resolve("a warehouse é#1");
  }

  @Test
  void opensAndCreatesAnEmbeddedLakehouse() {
    try (Lakehouse lake = Lakehouse.open(warehouse())) {
      assertThat(lake.tables()).isEmpty();
      lake.createTable("shop.orders", SCHEMA);
    }
    try (Lakehouse lake = Lakehouse.open(Map.of("warehouse", warehouse().toString()))) {
      assertThat(lake.tables()).containsExactly("shop.orders");
      assertThat(lake.namespaces()).containsExactly("shop");
    }
    assertThat(warehouse().resolve(Settings.EMBEDDED_CATALOG)).isRegularFile();
  }

  @Test
  void doesNotCreateWhatMustExist() {
    assertFails(
            () -> Lakehouse.openExisting(Settings.of(warehouse())), "there is none", "firn init")
        .isEqualTo(ErrorKind.NOT_FOUND);
    assertThat(warehouse()).doesNotExist();
  }

  @Test
  void refusesADirectoryThatIsSomethingElse() throws IOException {
    Files.writeString(directory.resolve("holiday.jpg"), "x");
    assertFails(() -> Lakehouse.open(directory), "holds other files", "firn.db")
        .isEqualTo(ErrorKind.INVALID);
    assertFails(() -> Lakehouse.open(directory.resolve("holiday.jpg")), "it is a file")
        .isEqualTo(ErrorKind.INVALID);
    assertThat(directory).isDirectoryNotContaining("glob:**firn.db");
  }

  @Test
  void refusesACatalogFileThatIsNoDatabase() throws IOException {
    Files.createDirectories(warehouse());
    Files.writeString(
        warehouse().resolve("firn.db"), "this is not a database at all, but a text of some length");
    assertThatThrownBy(() -> Lakehouse.open(warehouse()))
        .isInstanceOf(FirnException.class)
        .hasMessageContaining("firn.db");
  }

  @Test
  void refusesUnknownSettingsWithTheNearest() {
    assertFails(
            () -> Lakehouse.open(Map.of("warehouse", "x", "catalogg", "jdbc:sqlite:x")),
            "'catalogg'",
            "did you mean catalog?")
        .isEqualTo(ErrorKind.INVALID);
    assertFails(() -> Lakehouse.open(Map.of("catalog", "jdbc:sqlite:x")), "'warehouse' is not set")
        .isEqualTo(ErrorKind.INVALID);
    assertFails(() -> Lakehouse.open(Map.of("warehouse", "s3://bucket/wh")), "needs a catalog")
        .isEqualTo(ErrorKind.INVALID);
    assertFails(
            () -> Lakehouse.open(Map.of("warehouse", "w", "catalog", "jdbc:oracle:thin:x")),
            "oracle")
        .isEqualTo(ErrorKind.INVALID);
  }

  @Test
  void leavesTheNameOfARemoteWarehouseAlone() {
    assertThat(Settings.of(Map.of("warehouse", "prod", "catalog", "https://lake/api")).warehouse())
        .isEqualTo("prod");
    assertThat(Settings.of(Map.of("warehouse", "/a/b/")).warehouse()).isEqualTo("file:///a/b");
  }

  @Test
  void neverShowsSecrets() {
    Settings settings =
        Settings.of(
            Map.of(
                "warehouse", "s3://b/w",
                "catalog", "jdbc:postgresql://u:hunter2@db/x?password=hunter2",
                "catalog.password", "hunter2",
                "s3.secret-access-key", "hunter2"));
    assertThat(settings.toString()).doesNotContain("hunter2").contains("s3.secret-access-key");
    assertThat(settings.properties()).containsEntry("jdbc.password", "hunter2");
    assertThat(settings.catalogWithoutSecrets()).isEqualTo("jdbc:postgresql://db/x");
  }

  @Test
  void refusesAUserInTheUriOfARestCatalog() {
    assertFails(
            () -> Settings.of(Map.of("warehouse", "w", "catalog", "http://u:hunter2@lake/api")),
            "set 'credential' or 'token' instead [http://lake/api]")
        .isEqualTo(ErrorKind.INVALID);
  }

  @Test
  void namesNearMatchesOfAMissingTable() {
    try (Lakehouse lake = Lakehouse.open(warehouse())) {
      assertFails(() -> lake.table("shop.orders"), "no tables yet").isEqualTo(ErrorKind.NOT_FOUND);
      lake.createTable("shop.orders", SCHEMA);
      assertFails(() -> lake.table("shop.order"), "did you mean shop.orders?")
          .isEqualTo(ErrorKind.NOT_FOUND);
      assertFails(() -> lake.dropTable("shop.ordres"), "did you mean shop.orders?")
          .isEqualTo(ErrorKind.NOT_FOUND);
      assertFails(() -> lake.renameTable("shop.ordrs", "shop.x"), "did you mean shop.orders?")
          .isEqualTo(ErrorKind.NOT_FOUND);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "orders",
        "shop.",
        ".orders",
        "shop..orders",
        "shop.a/b",
        "shop.a\\b",
        "../x.y",
        "shop.a\nb"
      })
  void refusesNamesThatAreNone(String name) {
    try (Lakehouse lake = Lakehouse.open(warehouse())) {
      assertFails(() -> lake.createTable(name, SCHEMA), "Cannot ").isEqualTo(ErrorKind.INVALID);
      assertThat(lake.namespaces()).isEmpty();
    }
  }

  @Test
  void takesNamesAsPeopleWriteThem() {
    try (Lakehouse lake = Lakehouse.open(warehouse())) {
      lake.createTable("a.b.c$ é 1", SCHEMA);
      assertThat(lake.tables()).containsExactly("a.b.c$ é 1");
      assertThat(lake.table("a.b.c$ é 1").scan().toList()).isEmpty();
    }
  }

  @Test
  void refusesToCreateATableTwice() {
    try (Lakehouse lake = Lakehouse.open(warehouse())) {
      lake.createTable("shop.orders", SCHEMA);
      assertFails(() -> lake.createTable("shop.orders", SCHEMA), "exists already")
          .isEqualTo(ErrorKind.ALREADY_EXISTS);
    }
  }

  @Test
  void dropsRenamesAndPurges() throws IOException {
    try (Lakehouse lake = Lakehouse.open(warehouse())) {
      LakeTable first = lake.createTable("shop.orders", SCHEMA);
      String location = first.iceberg().location();
      lake.renameTable("shop.orders", "shop.old");
      assertThat(lake.tables("shop")).containsExactly("shop.old");
      lake.dropTable("shop.old");
      assertThat(Path.of(location.replaceFirst("^file:(//)?", ""))).isNotEmptyDirectory();
      LakeTable second = lake.createTable("shop.orders", SCHEMA);
      assertThat(second.iceberg().location()).isNotEqualTo(location);
      Path emptied = Locations.localPath(second.iceberg().location());
      lake.purgeTable("shop.orders");
      assertThat(emptied).doesNotExist();
      assertThat(emptied.getParent()).isDirectory();
      assertThat(lake.tables()).isEmpty();
      lake.dropNamespace("shop");
      assertFails(() -> lake.dropNamespace("shop"), "no such namespace")
          .isEqualTo(ErrorKind.NOT_FOUND);
    }
  }

  @Test
  void purgeLeavesFilesThatAreNotTheTables() throws IOException {
    try (Lakehouse lake = Lakehouse.open(warehouse())) {
      LakeTable table = lake.createTable("shop.orders", SCHEMA);
      Path kept = Locations.localPath(table.iceberg().location()).resolve("notes/mine.txt");
      Files.createDirectories(kept.getParent());
      Files.writeString(kept, "x");
      lake.purgeTable("shop.orders");
      assertThat(kept).isRegularFile();
    }
  }

  @Test
  void saysThatAViewIsNoTable() {
    try (Lakehouse lake = Lakehouse.open(warehouse())) {
      lake.createTable("shop.orders", SCHEMA);
      createView(TableIdentifier.of("shop", "recent"));
      Map<String, ThrowingCallable> calls =
          Map.of(
              "find", () -> lake.findTable("shop.recent"),
              "read", () -> lake.table("shop.recent"),
              "drop", () -> lake.dropTable("shop.recent"),
              "purge", () -> lake.purgeTable("shop.recent"),
              "rename", () -> lake.renameTable("shop.recent", "shop.old"),
              "create", () -> lake.createTable("shop.recent", SCHEMA));

      calls.forEach(
          (what, call) ->
              assertFails(call, "table shop.recent: it is a view, ", "expected the name of a table")
                  .as(what)
                  .isEqualTo(ErrorKind.INVALID));
      assertFails(() -> lake.renameTable("shop.orders", "shop.recent"), "View already exists")
          .isEqualTo(ErrorKind.ALREADY_EXISTS);
      assertThat(lake.tables()).containsExactly("shop.orders");
    }
  }

  private void createView(TableIdentifier id) {
    String database = "jdbc:sqlite:" + warehouse().resolve(Settings.EMBEDDED_CATALOG);
    try (LakeCatalog other =
        LakeCatalog.open(
            new CatalogSettings("firn", database, Locations.of(warehouse()), Map.of()))) {
      ((ViewCatalog) other.tables())
          .buildView(id)
          .withSchema(SCHEMA)
          .withDefaultNamespace(id.namespace())
          .withQuery("spark", "SELECT id FROM shop.orders")
          .create();
    }
  }

  @Test
  void refusesWhatItWouldGetWrong() {
    try (Lakehouse lake = Lakehouse.open(warehouse())) {
      assertFails(() -> lake.createTable("a.b", SCHEMA, t -> t.formatVersion(4)), "4")
          .isEqualTo(ErrorKind.INVALID);
      assertFails(
              () -> lake.createTable("a.b", SCHEMA, t -> t.property("encryption.key-id", "k")),
              "encryption.key-id")
          .isEqualTo(ErrorKind.INVALID);
      assertFails(
              () -> lake.createTable("a.b", SCHEMA, t -> t.partitionBy("idd")),
              "'idd'",
              "did you mean id?")
          .isEqualTo(ErrorKind.INVALID);
      assertThat(lake.tables()).isEmpty();
    }
  }
}
